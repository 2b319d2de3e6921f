import { describe, expect, test } from 'vitest';
import { MovingMemory } from '../../../test/support/moving-memory.ts';
import { measuredLayout } from '../../../test/support/python-writer.ts';
import { toAddress } from '../../base/address.ts';
import { MemoryRanges } from '../../base/memory-ranges.ts';
import { type SweepLayout, sweepLayoutOf } from './sweep-layout.ts';
import { ThreadTrack } from './thread-track.ts';
import { NO_DOUBT } from './walked-frames.ts';

const BASE = 0x7f00_0000_0000;
const STATE = BASE + 0x1000;
const CFRAME = BASE + 0x2000;
const SHIM = BASE + 0x3000;
const FRAMES = BASE + 0x4000;
const INTERPRETER = toAddress(0x5000);
const THREAD_ID = 77;

/** A frame as a test wants it: which code runs, at which instruction. */
type Call = readonly [code: number, instruction: number];

/** A thread of one version in memory, whose frames lie one after the other, `apart` bytes each. */
class Scene {
  readonly memory = new MovingMemory(BASE, 0x40_0000);
  readonly layout: SweepLayout;
  readonly track: ThreadTrack;
  readonly #apart: number;

  constructor(version: string, apart = 512) {
    this.layout = sweepLayoutOf(measuredLayout(version));
    this.#apart = apart;
    const { state } = this.layout;
    const ownId = state.ownId < 0 ? 0 : 99;
    this.memory.word(STATE + state.interpreter, INTERPRETER);
    this.memory.word(STATE + state.threadId, THREAD_ID);
    if (state.ownId >= 0) this.memory.word(STATE + state.ownId, ownId);
    if (state.inCframe >= 0) this.memory.word(STATE + state.frame, CFRAME);
    const listed = { state: toAddress(STATE), interpreter: INTERPRETER, threadId: THREAD_ID, ownId };
    this.track = new ThreadTrack(listed, this.layout, new MemoryRanges(this.memory));
  }

  /** Puts the thread into these calls, outermost first. */
  call(...calls: readonly Call[]): void {
    const { frame } = this.layout;
    const hasShim = frame.shimOwners !== 0;
    if (hasShim) this.memory.byte(SHIM + frame.owner, 31 - Math.clz32(frame.shimOwners));
    for (const [at, [code, instruction]] of calls.entries()) {
      const address = this.addressAt(at);
      this.memory.word(address + frame.previous, at > 0 ? address - this.#apart : hasShim ? SHIM : 0);
      this.memory.word(address + frame.code, code);
      this.memory.word(
        address + frame.lastInstruction,
        frame.unitBytes === 0 ? instruction : instruction / frame.unitBytes,
      );
      if (frame.isEntry >= 0) this.memory.byte(address + frame.isEntry, at === 0 ? 1 : 0);
      this.run(at);
      this.markCall(at, at < calls.length - 1);
    }
    this.enter(calls.length - 1);
  }

  /** Has the thread be in one of its frames, counted from the outermost; -1 for none. */
  enter(at: number): void {
    const { state } = this.layout;
    const innermost = at < 0 ? 0 : this.addressAt(at);
    this.memory.word(state.inCframe >= 0 ? CFRAME + state.inCframe : STATE + state.frame, innermost);
  }

  /** Has a frame say that it runs, or that it has ended, as far as the version has it say so. */
  run(at: number, runs = true): void {
    const { state, runningStates, runningWords } = this.layout.frame;
    const address = this.addressAt(at);
    if (state >= 0) this.memory.byte(address + state, runs ? 31 - Math.clz32(runningStates) : 4);
    for (const member of runningWords) this.memory.word(address + member, runs ? 1 : 0);
  }

  /** Has a frame say whether it has called another one, as far as the version has it say so. */
  markCall(at: number, calls: boolean): void {
    const { callMark, callMarkBytes, idle } = this.layout.frame;
    if (callMark < 0) return;
    const mark = calls ? 6 : idle;
    for (let byte = 0; byte < callMarkBytes; byte += 1)
      this.memory.byte(this.addressAt(at) + callMark + byte, (mark >>> (8 * byte)) & 0xff);
  }

  /** Has a frame lead nowhere. */
  cutOff(at: number): void {
    this.memory.word(this.addressAt(at) + this.layout.frame.previous, 0);
  }

  addressAt(at: number): number {
    return FRAMES + at * this.#apart;
  }

  get seen(): readonly Call[] {
    const { codes, instructions, depth } = this.track.frames;
    return Array.from({ length: depth }, (_, at) => [codes[at] ?? 0, instructions[at] ?? 0] as const);
  }
}

const MAIN: Call = [0x1_0000, 4];
const WORK: Call = [0x2_0000, 8];
const LOAD: Call = [0x3_0000, 12];

describe.each(['3.11', '3.12', '3.13', '3.14', '3.15'])('ThreadTrack of %s', (version) => {
  test('doubts a call of a frame that has called none by the time when it is read', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK, LOAD);
    scene.track.look();
    expect(scene.track.frames.doubtful).toBe(NO_DOUBT);
    scene.call(MAIN, LOAD, WORK);
    scene.markCall(1, false);
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [MAIN, LOAD, WORK]]);
    expect(scene.track.frames.doubtful).toBe(1);
    expect(scene.track.look()).toBe('same');
    expect(scene.track.frames.doubtful).toBe(NO_DOUBT);
  });
});

// There a frame that has ended waits to be used for a call of any function.
describe.each(['2.7', '3.8', '3.10'])('ThreadTrack of %s', (version) => {
  /** A thread of which two functions were seen in the third place, each called by another one; it has just left that place. */
  function sceneOfReused(): Scene {
    const scene = new Scene(version);
    for (const calls of [
      [MAIN, WORK, LOAD],
      [MAIN, LOAD, WORK],
    ]) {
      scene.call(...calls);
      scene.track.look();
    }
    scene.call(MAIN, WORK, LOAD);
    scene.run(2, false);
    scene.cutOff(2);
    return scene;
  }

  test('knows from where each of the functions was called that were seen in one place', () => {
    const scene = sceneOfReused();
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [MAIN, WORK, LOAD]]);
    expect(scene.track.frames.doubtful).toBe(1);
  });

  test.each([
    ['on the page of what they call', 512, NO_DOUBT],
    ['on pages of their own', 4096, 1],
  ])('of a thread that moves doubts frames that may be of other functions: %s', (_, apart, doubtful) => {
    const scene = new Scene(version, apart);
    for (const calls of [
      [MAIN, WORK, LOAD],
      [MAIN, LOAD, WORK, LOAD],
    ]) {
      scene.call(...calls);
      scene.track.look();
    }
    scene.memory.onRead = (reads) => scene.enter(2 + (Math.floor(reads / 2) % 2));
    expect(scene.track.look()).toBe('changed');
    expect([scene.track.isSteady, scene.track.frames.doubtful]).toEqual([false, doubtful]);
  });

  test('takes the caller that is remembered where another one lies by now', () => {
    const scene = sceneOfReused();
    scene.memory.word(scene.addressAt(1) + scene.layout.frame.code, LOAD[0]);
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [MAIN, WORK, LOAD]]);
    expect(scene.track.frames.doubtful).toBe(0);
  });

  test('learns from where a call that has always ended is called in a look that began in another one', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK, WORK);
    scene.track.look();
    const leave = (place: number): void => {
      scene.enter(place);
      scene.run(place, false);
      scene.cutOff(place);
    };
    scene.call(MAIN, WORK, LOAD);
    leave(2);
    expect(scene.track.look()).toBe('torn');
    scene.call(MAIN, WORK, LOAD);
    leave(3);
    expect(scene.track.look()).toBe('torn');
    leave(2);
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [MAIN, WORK, LOAD]]);
  });

  test('takes a stack that is deeper than any was, as what is remembered is of several moments, for torn', () => {
    const scene = new Scene(version);
    const { previous } = scene.layout.frame;
    scene.call(MAIN, WORK, LOAD);
    scene.track.look();
    scene.call(MAIN, WORK, LOAD, LOAD);
    scene.memory.word(scene.addressAt(1) + previous, scene.addressAt(3));
    scene.memory.word(scene.addressAt(3) + previous, scene.addressAt(0));
    scene.enter(1);
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [MAIN, LOAD, WORK]]);
    scene.enter(2);
    scene.run(2, false);
    scene.cutOff(2);
    expect(scene.track.look()).toBe('torn');
  });
});

describe.each(['2.7', '3.8', '3.10', '3.11', '3.12', '3.13', '3.15'])('ThreadTrack of %s', (version) => {
  test('reads the frames of a thread, and says how many of them are new', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK);
    expect(scene.track.look()).toBe('changed');
    expect(scene.seen).toEqual([MAIN, WORK]);
    scene.track.frames.unchanged = 2;
    expect(scene.track.look()).toBe('same');
    expect(scene.track.frames.unchanged).toBe(2);
    scene.call(MAIN, [WORK[0], 16], LOAD);
    expect(scene.track.look()).toBe('changed');
    expect(scene.seen).toEqual([MAIN, [WORK[0], 16], LOAD]);
    expect(scene.track.frames.unchanged).toBe(1);
  });

  test('follows thousands of frames over as many pages', () => {
    const scene = new Scene(version, 1000);
    const calls = Array.from({ length: 3000 }, (_, at): Call => [0x1_0000 + at * 16, at * 2]);
    scene.call(...calls);
    expect(scene.track.look()).toBe('changed');
    expect(scene.seen).toEqual(calls);
  });

  test('finds a frame that begins on a page that is known and ends on one that is not', () => {
    const scene = new Scene(version, 4096 - 16);
    scene.call(MAIN);
    scene.track.look();
    scene.call(MAIN, WORK);
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [MAIN, WORK]]);
  });

  test('says of a thread that is elsewhere when its frames were read that it is not steady', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK, LOAD);
    scene.track.look();
    expect(scene.track.isSteady).toBe(true);
    // Between the two reads of where it is, which are as far apart, it has called something or returned.
    const apart =
      new Map([
        ['3.11', 5],
        ['3.12', 4],
      ]).get(version) ?? 2;
    scene.memory.onRead = (reads) => scene.enter(1 + (Math.floor(reads / apart) % 2));
    expect(scene.track.look()).not.toBe('torn');
    expect(scene.track.isSteady).toBe(false);
    scene.memory.onRead = () => undefined;
    scene.call(MAIN, LOAD);
    expect([scene.track.look(), scene.track.isSteady]).toEqual(['changed', true]);
  });

  test('believes another outermost function when it is seen again and again', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK);
    scene.track.look();
    scene.call(WORK, LOAD);
    for (let looks = 0; looks < 2; looks += 1) scene.track.look();
    expect([scene.track.look(), scene.seen]).toEqual(['same', [WORK, LOAD]]);
  });

  test('takes a frame that leads nowhere since it has ended to be called from where it was called before, and doubts it', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK, LOAD);
    scene.track.look();
    expect(scene.track.frames.doubtful).toBe(NO_DOUBT);
    scene.run(2, false);
    scene.cutOff(2);
    expect(scene.track.look()).toBe('same');
    expect(scene.seen).toEqual([MAIN, WORK, LOAD]);
    expect(scene.track.frames.doubtful).toBe(1);
  });

  test('takes a frame of which it knows no caller for torn when it leads nowhere', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK);
    scene.track.look();
    scene.call(MAIN, WORK, LOAD);
    scene.run(2, false);
    scene.cutOff(2);
    if (version === '3.11') scene.memory.byte(scene.addressAt(2) + scene.layout.frame.isEntry, 0);
    expect(scene.track.look()).toBe('torn');
  });

  test('says that a thread is gone when its state is another’s', () => {
    const scene = new Scene(version);
    scene.call(MAIN);
    scene.track.look();
    scene.memory.word(STATE + scene.layout.state.threadId, THREAD_ID + 1);
    expect(scene.track.look()).toBe('gone');
  });

  test.each([
    ['a circle', FRAMES],
    ['memory that is not there', 0x6000_0000_0000],
    ['an address that is none', 0xffff_0000_0000_1],
  ])('takes frames that lead to %s for torn ones', (_, link) => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK);
    scene.memory.word(FRAMES + scene.layout.frame.previous, link);
    expect(scene.track.look()).toBe('torn');
  });
});

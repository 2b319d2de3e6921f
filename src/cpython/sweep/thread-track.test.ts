import { describe, expect, test } from 'vitest';
import { MovingMemory } from '../../../test/support/moving-memory.ts';
import { measuredLayout } from '../../../test/support/python-writer.ts';
import { toAddress } from '../../base/address.ts';
import { MemoryRanges } from '../../base/memory-ranges.ts';
import { type SweepLayout, sweepLayoutOf } from './sweep-layout.ts';
import { ThreadTrack } from './thread-track.ts';

const BASE = 0x7f00_0000_0000;
const STATE = BASE + 0x1000;
const CFRAME = BASE + 0x2000;
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
    const { frame, state } = this.layout;
    for (const [at, [code, instruction]] of calls.entries()) {
      const address = FRAMES + at * this.#apart;
      this.memory.word(address + frame.previous, at === 0 ? 0 : address - this.#apart);
      this.memory.word(address + frame.code, code);
      this.memory.word(
        address + frame.lastInstruction,
        frame.unitBytes === 0 ? instruction : instruction / frame.unitBytes,
      );
    }
    const innermost = calls.length === 0 ? 0 : FRAMES + (calls.length - 1) * this.#apart;
    this.memory.word(state.inCframe >= 0 ? CFRAME + state.inCframe : STATE + state.frame, innermost);
  }

  get seen(): readonly Call[] {
    const { codes, instructions, depth } = this.track.frames;
    return Array.from({ length: depth }, (_, at) => [codes[at] ?? 0, instructions[at] ?? 0] as const);
  }
}

const MAIN: Call = [0x1_0000, 4];
const WORK: Call = [0x2_0000, 8];
const LOAD: Call = [0x3_0000, 12];

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

  test('says of a stack that becomes another one whenever it is read that it is not steady', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK);
    scene.track.look();
    expect(scene.track.isSteady).toBe(true);
    // Before each read of a look the thread has called another function.
    scene.memory.onRead = (reads) => scene.call(MAIN, [0x5_0000 + reads * 16, 8], LOAD);
    expect(scene.track.look()).toBe('changed');
    expect(scene.track.isSteady).toBe(false);
    scene.memory.onRead = () => undefined;
    scene.call(MAIN, LOAD);
    expect([scene.track.look(), scene.track.isSteady]).toEqual(['changed', true]);
  });

  test('believes another outermost frame when two looks in a row see it', () => {
    const scene = new Scene(version);
    scene.call(MAIN, WORK);
    scene.track.look();
    scene.call(WORK);
    let roots = 0;
    scene.memory.onRead = () => scene.call(roots++ % 40 < 20 ? WORK : LOAD);
    scene.track.look();
    scene.memory.onRead = () => undefined;
    scene.call(LOAD);
    expect([scene.track.look(), scene.seen]).toEqual(['changed', [LOAD]]);
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

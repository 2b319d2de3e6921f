import { type Address, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import type { FrameChain } from '../cpython/frame-chain.ts';
import { findGreenletModule, type GreenletModule } from '../cpython/greenlets/greenlet-module.ts';
import {
  type GreenletSource,
  type GreenletState,
  readGreenletFrames,
  readGreenletState,
} from '../cpython/greenlets/greenlet-state.ts';
import { findInstances } from '../cpython/greenlets/instance-search.ts';
import { type Lineage, readLineage } from '../cpython/greenlets/lineage.ts';
import { greenletLayoutFor } from '../cpython/layouts/greenlet-layouts.ts';
import { readPointer } from '../cpython/objects/foreign-struct.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import type { Pass } from './pass.ts';

/** All greenlets of a target, and the frames of those that are suspended. */
export interface GreenletPass {
  readonly states: readonly GreenletState[];
  readonly lineage: Lineage;
  readonly suspended: readonly SuspendedGreenlet[];
}

/** A greenlet that is suspended, and its frames as they stand in memory. */
export interface SuspendedGreenlet {
  readonly state: GreenletState;
  readonly chain: FrameChain;
}

const NO_GREENLETS: GreenletPass = {
  states: [],
  lineage: { parents: new Map(), ended: new Set() },
  suspended: [],
};

/** Of memory without a file, no more than this is searched: about three seconds. */
const MOST_SEARCHED_BYTES = 4 * 2 ** 30;
const GIB = 2 ** 30;

/** How often greenlets that move under our eyes are read again before they are left out. */
const MOST_LOOKS = 5;

/**
 * Reads the greenlets of a target, which may run: one that is suspended does not change, so that it is enough that two
 * looks in a row show the same.
 */
export function readGreenletPass(
  target: Target,
  { interpreters, threads }: Pick<Pass, 'interpreters' | 'threads'>,
  problems: Problem[],
): GreenletPass {
  beginLook(target);
  const modules = interpreters.flatMap(({ facts }) => findModule(target, facts.address, problems) ?? []);
  const [first] = modules;
  if (first === undefined) return NO_GREENLETS;
  const greenlet = greenletLayoutFor(first.version, target.runtime.version);
  if (greenlet === undefined) {
    const message = `greenlet ${first.version} is not known: its suspended greenlets are not shown`;
    problems.push({ kind: 'unreadable-object', message });
    return NO_GREENLETS;
  }
  const types = new Set(modules.flatMap((module) => [...module.types]));
  const { addresses, unsearchedBytes } = findInstances(target.memory, {
    ranges: target.filelessMemory(),
    types,
    typeOffset: target.runtime.layout.object.type,
    mostBytes: MOST_SEARCHED_BYTES,
  });
  if (unsearchedBytes > 0)
    problems.push({
      kind: 'cut-off',
      message: `Cannot search all memory for greenlets: ${(unsearchedBytes / GIB).toFixed(1)} GiB are too much`,
    });
  const source = { objects: target.objects, greenlet, types };
  const steady = readSteadily(target, source, addresses, problems);
  const states = steady.map(({ state }) => state);
  const dicts = threads.flatMap(({ state }) => threadDictOf(target, state.address) ?? []);
  return {
    states,
    lineage: readLineage(states, greenlet, new Set(dicts)),
    suspended: steady.flatMap(({ state, chain }) => (chain === undefined ? [] : [{ state, chain }])),
  };
}

function beginLook(target: Target): void {
  target.memory.clear();
  target.objects.forget();
  target.codeObjects.beginPass();
}

function findModule(target: Target, interpreter: Address, problems: Problem[]): GreenletModule | undefined {
  try {
    return findGreenletModule(target.objects, interpreter);
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    problems.push({ kind: 'unreadable-object', message: `Cannot look for greenlets: ${error.message}` });
    return undefined;
  }
}

function readSteadily(
  target: Target,
  source: GreenletSource,
  addresses: readonly Address[],
  problems: Problem[],
): readonly OneGreenlet[] {
  const look = (address: Address) => readOne(source, address);
  let seen = new Map(addresses.map((address) => [address, look(address)]));
  const steady: OneGreenlet[] = [];
  for (let looks = 1; looks < MOST_LOOKS && seen.size > 0; looks += 1) {
    beginLook(target);
    const moved = new Map<Address, OneGreenlet | undefined>();
    for (const [address, before] of seen) {
      const now = look(address);
      if (!isSame(before, now)) moved.set(address, now);
      else if (now !== undefined) steady.push(now);
    }
    seen = moved;
  }
  if (seen.size > 0)
    problems.push({
      kind: 'cut-off',
      message: `Cannot show ${seen.size} greenlets: they ran during all of ${MOST_LOOKS} looks`,
    });
  for (const { problem } of steady) if (problem !== undefined) problems.push(problem);
  return steady;
}

function threadDictOf({ memory, runtime }: Target, threadState: Address): Address | undefined {
  return readIfSound(() => {
    const place = offsetBy(threadState, runtime.layout.threadState.dict);
    return readPointer(memory, place, 'dict of a thread');
  });
}

interface OneGreenlet {
  readonly state: GreenletState;
  /** `undefined` unless it is suspended and its frames can be read. */
  readonly chain: FrameChain | undefined;
  readonly problem: Problem | undefined;
}

function readOne(source: GreenletSource, address: Address): OneGreenlet | undefined {
  const state = readGreenletState(source, address);
  if (state?.topFrame === undefined) return state && { state, chain: undefined, problem: undefined };
  try {
    const chain = readGreenletFrames(source, state, state.topFrame);
    return { state, chain, problem: undefined };
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    // What is found by its type alone may be none, before 3.1.1.
    if (source.greenlet.self === undefined) return undefined;
    const message = `Cannot read a greenlet: ${error.message}`;
    return { state, chain: undefined, problem: { kind: 'unreadable-object', message } };
  }
}

function isSame(a: OneGreenlet | undefined, b: OneGreenlet | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.state.topFrame !== b.state.topFrame || a.state.stackStop !== b.state.stackStop) return false;
  if (a.chain?.cutOff !== b.chain?.cutOff || a.chain?.frames.length !== b.chain?.frames.length) return false;
  const frames = b.chain?.frames ?? [];
  return (a.chain?.frames ?? []).every(
    ({ address, code, lastInstruction }, at) =>
      address === frames[at]?.address &&
      code === frames[at]?.code &&
      lastInstruction === frames[at]?.lastInstruction,
  );
}

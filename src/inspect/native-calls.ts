import type { FrameChain } from '../cpython/frame-chain.ts';
import type { NativeRules } from '../cpython/layouts/layout.ts';
import { greenletRoleOf, nativeRoleOf } from '../cpython/native-roles.ts';
import type { MergedFrame, NativeFrame } from '../model/native-frame.ts';
import type { Problem } from '../model/problem.ts';
import type { NativeThread, ThreadStack } from '../model/thread-stack.ts';
import type { UnwoundThread } from '../target/native/native-stacks.ts';
import type { Target } from '../target/target.ts';
import { evaluationsOf } from './evaluations.ts';
import type { Look } from './look.ts';
import { type InterpreterShare, mergeStack } from './merged-stack.ts';
import type { CoreSnapshotOptions } from './snapshot.ts';

/** The threads of a look as far as they were read. */
export interface ReadThreads {
  /** Those of one OS thread are together, the outermost interpreter first. */
  readonly threads: readonly ThreadStack[];
  readonly chains: ReadonlyMap<ThreadStack, FrameChain>;
  readonly options: CoreSnapshotOptions;
}

/** The same threads with their native calls, and those that no interpreter knows. */
export interface ThreadsWithNative {
  readonly threads: readonly ThreadStack[];
  readonly nativeThreads: readonly NativeThread[] | undefined;
  /** What concerns the modules on the stacks, not one thread. */
  readonly moduleProblems: readonly Problem[];
}

/** Unwinds what was copied of the threads of a look, and merges it with their Python frames. */
export function withNativeCalls(
  target: Target,
  look: Look,
  { threads, chains, options }: ReadThreads,
): ThreadsWithNative {
  const { nativeCopies } = look;
  if (nativeCopies === undefined) return { threads, nativeThreads: undefined, moduleProblems: [] };
  using stacks = target.openNativeStacks();
  const known = new Set([...look.osThreads.values()].map(({ id }) => id));
  const others =
    options.native === 'all-threads'
      ? [...nativeCopies.registers.keys()].filter((id) => !known.has(id) && isWanted(id, options))
      : undefined;
  const ids = threads.flatMap(({ osThreadId }) => osThreadId ?? []);
  const unwound = stacks.unwind(nativeCopies, [...new Set(ids), ...(others ?? [])]);
  const merged = groupsOf(threads).flatMap((group) => {
    const id = group[0]?.osThreadId;
    const own = id === undefined ? undefined : unwound.get(id);
    return own === undefined ? group : mergeGroup(target, { group, chains, unwound: own });
  });
  const nativeThreads = others?.map((id) => nativeThreadOf(target, look, { id, unwound: unwound.get(id) }));
  return { threads: merged, nativeThreads, moduleProblems: stacks.problems() };
}

function isWanted(id: number, { thread }: CoreSnapshotOptions): boolean {
  return thread === undefined || thread === String(id);
}

/** The states of one OS thread, which lie side by side. */
function groupsOf(threads: readonly ThreadStack[]): readonly (readonly ThreadStack[])[] {
  const groups: ThreadStack[][] = [];
  for (const thread of threads) {
    const last = groups.at(-1);
    const isNext =
      last !== undefined && thread.osThreadId !== undefined && last[0]?.osThreadId === thread.osThreadId;
    if (isNext) last.push(thread);
    else groups.push([thread]);
  }
  return groups;
}

interface Group {
  readonly group: readonly ThreadStack[];
  readonly chains: ReadonlyMap<ThreadStack, FrameChain>;
  readonly unwound: UnwoundThread;
}

function mergeGroup(target: Target, { group, chains, unwound }: Group): readonly ThreadStack[] {
  const { layout } = target.runtime;
  const innermostFirst = group.toReversed();
  const shares = innermostFirst.map((thread) => {
    const chain = chains.get(thread);
    return { evaluations: chain === undefined ? [] : evaluationsOf(layout, chain, thread.frames) };
  });
  const parts = mergeUnwound(layout.rules.native, unwound, shares);
  const native = { frames: framesOf(unwound), cutOff: unwound.cutOff };
  return group.map((thread, at) => {
    const part: readonly MergedFrame[] | undefined = parts?.[group.length - 1 - at];
    const problems = [...thread.problems, ...cutOffProblem(unwound, thread.osThreadId)];
    return { ...thread, native, merged: part, problems };
  });
}

/** Merges what was unwound of a thread with what its evaluation loops run, which is all innermost first: see {@link mergeStack}. */
export function mergeUnwound<PythonFrame>(
  rules: NativeRules,
  unwound: UnwoundThread,
  shares: readonly InterpreterShare<PythonFrame>[],
): readonly (readonly MergedFrame<PythonFrame>[])[] | undefined {
  const calls = unwound.calls.map(({ frames, ...place }) => {
    const functions = frames.map((frame) => ({ frame, role: nativeRoleOf(frame, rules) }));
    return {
      ...place,
      functions,
      greenletRole: frames.map(greenletRoleOf).find((role) => role !== undefined),
    };
  });
  return mergeStack({ calls, isCutOff: unwound.cutOff !== undefined }, shares);
}

function framesOf({ calls }: UnwoundThread): readonly NativeFrame[] {
  return calls.flatMap(({ frames }) => frames);
}

function cutOffProblem({ calls, cutOff }: UnwoundThread, osThreadId: number | undefined): readonly Problem[] {
  if (cutOff === undefined) return [];
  const message = `Cannot unwind the native stack of thread ${osThreadId ?? '?'} beyond ${calls.length} calls: ${cutOff}`;
  return [{ kind: 'cut-off-native', message, ...(osThreadId === undefined ? {} : { osThreadId }) }];
}

function nativeThreadOf(
  target: Target,
  look: Look,
  { id: osThreadId, unwound }: { readonly id: number; readonly unwound: UnwoundThread | undefined },
): NativeThread {
  return {
    osThreadId,
    innerThreadId: target.innerThreadId(osThreadId),
    kernelName: target.kernelNameOf(osThreadId),
    activity: look.activities.get(osThreadId) ?? { state: 'unknown' },
    cpuTimeNs: target.cpuTimeNsOf(osThreadId),
    native: unwound && { frames: framesOf(unwound), cutOff: unwound.cutOff },
  };
}

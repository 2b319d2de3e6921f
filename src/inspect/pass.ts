import type { Address } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import { type FrameChain, isEntryFrame, readFrameChain } from '../cpython/frame-chain.ts';
import { type InterpreterState, readInterpreters } from '../cpython/interpreters.ts';
import { readThreadStates, type ThreadState } from '../cpython/thread-states.ts';
import type { Frame } from '../model/frame.ts';
import type { Variable } from '../model/object-view.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import { readAllVariables } from './all-variables.ts';
import type { AsyncPass } from './async-pass.ts';
import { type RehearsedTasks, readTasksAgain } from './rehearsed-tasks.ts';
import type { SourceLines } from './source-lines.ts';

/**
 * One look at every thread of a target: what may change when the target runs on, and no more. What never changes, as the
 * names of code objects, is put to it afterwards by {@link framesOf}, so that the target stands still for less time.
 */
export interface Pass {
  readonly interpreters: readonly InterpreterState[];
  readonly threads: readonly PassThread[];
  /** `undefined` when they were not asked for. */
  readonly asyncTasks: AsyncPass | undefined;
  readonly problems: readonly Problem[];
}

/** A thread of an interpreter and its frames as they stand in memory, innermost first. */
export interface PassThread {
  readonly interpreter: InterpreterState;
  readonly state: ThreadState;
  readonly chain: FrameChain;
  /** By the frame's address; `undefined` when they were not asked for. */
  readonly variables: ReadonlyMap<Address, readonly Variable[]> | undefined;
  readonly problems: readonly Problem[];
}

/** What a pass reads beside the frames. */
export interface PassOptions {
  readonly withVariables: boolean;
  /** Copy what native stacks are unwound from; only of a target that stands still. */
  readonly withNative: boolean;
  /** Read the tasks of asyncio. */
  readonly withAsync: boolean;
  /** Read what blocked threads wait for, and who holds that. */
  readonly withLocks: boolean;
}

/**
 * Reads all interpreters, their threads and frames once, as they stand in the target's memory now.
 * @param before the tasks that were seen a moment ago
 */
export function readPass(target: Target, options: PassOptions, before?: RehearsedTasks): Pass {
  const { memory, runtime } = target;
  const problems: Problem[] = [];
  target.codeObjects.beginPass();
  target.objects.forget();
  const interpreters = readInterpreters(memory, runtime, problems);
  const threads = interpreters.flatMap((interpreter) =>
    readThreadStates(memory, runtime.layout, interpreter, problems).map((state) =>
      readThread(target, interpreter, state, options),
    ),
  );
  const asyncTasks = options.withAsync
    ? readTasksAgain(target, { interpreters, threads }, { options, before })
    : undefined;
  return { interpreters, threads, asyncTasks, problems };
}

/** Reads the frames of one thread. */
export function readThread(
  target: Target,
  interpreter: InterpreterState,
  state: ThreadState,
  options: PassOptions,
): PassThread {
  const problems: Problem[] = [];
  const chain = readFrameChain(target.memory, target.runtime.layout, state.frame);
  if (chain.cutOff !== undefined) {
    problems.push({
      kind: 'cut-off',
      message: `Cannot read the stack beyond ${chain.frames.length} frames: ${chain.cutOff}`,
    });
  }
  for (const { code } of chain.frames) if (code !== undefined) target.codeObjects.remember(code);
  const variables = options.withVariables ? readAllVariables(target, chain, problems) : undefined;
  return { interpreter, state, chain, variables, problems };
}

/** The frames of a thread or a task as the model has them. One that cannot be read is left out and becomes a problem. */
export function framesOf(
  target: Target,
  thread: Pick<PassThread, 'variables'> & { readonly chain: Pick<FrameChain, 'frames'> },
  sources: SourceLines,
  problems: Problem[],
): readonly Frame[] {
  const frames: Frame[] = [];
  for (const [at, raw] of thread.chain.frames.entries()) {
    const { address, code } = raw;
    if (code === undefined) continue;
    try {
      const facts = target.codeObjects.factsOf(code);
      const position = target.codeObjects.positionOf(raw, code);
      frames.push({
        address,
        codeAddress: code,
        filename: facts.filename,
        name: facts.name,
        qualifiedName: facts.qualifiedName,
        firstLine: facts.lineTable.firstLine,
        position,
        isEntry: isEntryFrame(target.runtime.layout, thread.chain.frames, at),
        sourceLine: sources.find(facts.filename, position),
        variables: thread.variables === undefined ? undefined : (thread.variables.get(address) ?? []),
      });
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      problems.push({ kind: 'unreadable-frame', message: `Cannot read a frame: ${error.message}` });
    }
  }
  return frames;
}

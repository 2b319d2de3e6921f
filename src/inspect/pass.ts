import { isAboutMemory } from '../base/errors.ts';
import { type FrameChain, type RawFrame, readFrameChain } from '../cpython/frame-chain.ts';
import { type InterpreterState, readInterpreters } from '../cpython/interpreters.ts';
import { readVariables } from '../cpython/objects/frame-variables.ts';
import { readThreadStates, type ThreadState } from '../cpython/thread-states.ts';
import type { Frame } from '../model/frame.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';

/** One look at every thread of a target, with nothing asked of the operating system yet. */
export interface Pass {
  readonly interpreters: readonly InterpreterState[];
  readonly threads: readonly PassThread[];
  readonly problems: readonly Problem[];
}

/** A thread of an interpreter and its Python frames, innermost first. */
export interface PassThread {
  readonly interpreter: InterpreterState;
  readonly state: ThreadState;
  readonly chain: FrameChain;
  readonly frames: readonly Frame[];
  readonly problems: readonly Problem[];
}

/** What a pass reads beside the frames. */
export interface PassOptions {
  readonly withVariables: boolean;
}

/** Reads all interpreters, their threads and frames once, as they stand in the target's memory now. */
export function readPass(target: Target, options: PassOptions): Pass {
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
  return { interpreters, threads, problems };
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
  const frames = chain.frames.flatMap((raw) => frameOf(target, raw, options, problems));
  return { interpreter, state, chain, frames, problems };
}

/** The frame as the model has it; none for the interpreter's own and, with a problem, for one that cannot be read. */
function frameOf(target: Target, raw: RawFrame, options: PassOptions, problems: Problem[]): readonly Frame[] {
  const { code } = raw;
  if (code === undefined) return [];
  try {
    const facts = target.codeObjects.factsOf(code);
    return [
      {
        address: raw.address,
        codeAddress: code,
        filename: facts.filename,
        name: facts.name,
        qualifiedName: facts.qualifiedName,
        firstLine: facts.lineTable.firstLine,
        position: target.codeObjects.positionOf({ ...raw, code }),
        isEntry: raw.isEntry,
        sourceLine: undefined,
        variables: options.withVariables
          ? readVariables(target.objects, { frameAddress: raw.address, codeAddress: code })
          : undefined,
      },
    ];
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    problems.push({ kind: 'unreadable-frame', message: `Cannot read a frame: ${error.message}` });
    return [];
  }
}

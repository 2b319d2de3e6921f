import type { Address } from '../base/address.ts';
import type { GreenletRole, NativeRole } from '../cpython/native-roles.ts';
import type { MergedFrame, NativeFrame } from '../model/native-frame.ts';
import type { Evaluation } from './evaluations.ts';

/** A function of a native call, and what it is to a reader. */
export interface NativeFunction {
  readonly frame: NativeFrame;
  readonly role: NativeRole;
}

/** A native call that has a stack frame of its own. */
export interface NativeCall {
  /** The functions that were inlined into it, innermost first, and at last its own. */
  readonly functions: readonly NativeFunction[];
  /** Its part of the stack lies from here … */
  readonly stackPointer: Address;
  /** … to here; `undefined` when it is not known where it ends. */
  readonly cfa: Address | undefined;
  /** `undefined` for a call of anything but the package greenlet. */
  readonly greenletRole: GreenletRole | undefined;
}

/** The native calls of a thread, innermost first. */
export interface NativeCalls {
  readonly calls: readonly NativeCall[];
  /** There are more further out. */
  readonly isCutOff: boolean;
}

/** The Python of one interpreter on a thread, and its share of the merged stack. */
export interface InterpreterShare<PythonFrame> {
  readonly evaluations: readonly Evaluation<PythonFrame>[];
}

/**
 * Merges the native stack of a thread with what its evaluation loops run: each loop is replaced by its Python frames, and
 * the machinery of calls is left out. All is innermost first. Interpreters that are nested on the thread come inner
 * ones first, and get each its own part; native calls belong to the interpreter that made them.
 * @returns `undefined` when it cannot be told which loop runs which frames
 */
export function mergeStack<PythonFrame>(
  { calls, isCutOff }: NativeCalls,
  shares: readonly InterpreterShare<PythonFrame>[],
): readonly (readonly MergedFrame<PythonFrame>[])[] | undefined {
  const evaluations = shares.flatMap((share, at) =>
    share.evaluations.map((evaluation) => ({ evaluation, share: at })),
  );
  const loops = loopsOf(
    { calls, isCutOff },
    evaluations.map(({ evaluation }) => evaluation),
  );
  if (loops === undefined) return undefined;
  const parts: MergedFrame<PythonFrame>[][] = shares.map(() => []);
  const waiting: MergedFrame<PythonFrame>[] = [];
  let current = parts[0];
  for (const call of calls) {
    const found = evaluations[loops.get(call) ?? evaluations.length];
    waiting.push(...shownFrames(found === undefined ? call.functions : inlinedIntoLoop(call)));
    if (found !== undefined) {
      current = parts[found.share];
      current?.push(...waiting.splice(0), ...pythonFrames(found.evaluation));
    }
  }
  current?.push(...waiting);
  for (const { evaluation, share } of evaluations.slice(loops.size))
    parts[share]?.push(...pythonFrames(evaluation));
  return parts;
}

/** The functions of a loop without the loop, which is the call's own where the name does not tell. */
function inlinedIntoLoop({ functions }: NativeCall): readonly NativeFunction[] {
  return functions.some(({ role }) => role === 'evaluation') ? functions : functions.slice(0, -1);
}

function shownFrames(functions: readonly NativeFunction[]) {
  const shown = functions.filter(({ role }) => role === 'interest');
  return shown.map(({ frame }) => ({ kind: 'native', frame }) as const);
}

function pythonFrames<PythonFrame>({ frames }: Evaluation<PythonFrame>) {
  return frames.map((frame) => ({ kind: 'python', frame }) as const);
}

/** Where an evaluation keeps something on the C stack. */
type Anchored = Pick<Evaluation<unknown>, 'anchor'>;

/** Which evaluation each loop runs, by its index; `undefined` unless that is certain. */
function loopsOf(
  native: NativeCalls,
  evaluations: readonly Anchored[],
): ReadonlyMap<NativeCall, number> | undefined {
  const areAnchored = evaluations.length > 0 && evaluations.every(({ anchor }) => anchor !== undefined);
  return areAnchored ? loopsByAnchor(native, evaluations) : loopsByCount(native.calls, evaluations);
}

/**
 * The loop whose part of the stack holds the anchor, whatever its name is. They need not lie ever higher: a signal
 * handler may have a stack of its own. The outer ones may be missing where the stack is cut off.
 */
function loopsByAnchor(
  { calls, isCutOff }: NativeCalls,
  evaluations: readonly Anchored[],
): ReadonlyMap<NativeCall, number> | undefined {
  const loops = new Map<NativeCall, number>();
  for (const call of calls) if (isAnchoredIn(call, evaluations[loops.size])) loops.set(call, loops.size);
  const missing = evaluations[loops.size];
  if (missing === undefined) return loops;
  return isCutOff && !calls.some((call) => isAnchoredIn(call, missing)) ? loops : undefined;
}

function isAnchoredIn({ stackPointer, cfa }: NativeCall, evaluation: Anchored | undefined): boolean {
  const anchor = evaluation?.anchor;
  return anchor !== undefined && cfa !== undefined && stackPointer <= anchor && anchor < cfa;
}

/**
 * As many loops as evaluations, one after the other, in all calls or in those before a call of greenlet: what lies below
 * one that runs is of others, whose frames are not in the thread state. `undefined` where two of these ways differ,
 * unless it is known where the greenlet begins.
 */
function loopsByCount(
  calls: readonly NativeCall[],
  evaluations: readonly Anchored[],
): ReadonlyMap<NativeCall, number> | undefined {
  const beginning = calls.findIndex(({ greenletRole }) => greenletRole === 'beginning');
  if (beginning !== -1) return loopsOfAll(calls.slice(0, beginning), evaluations);
  const ends = [...calls.keys()].filter((at) => calls[at]?.greenletRole !== undefined);
  const [first, ...others] = [...ends, calls.length].flatMap(
    (end) => loopsOfAll(calls.slice(0, end), evaluations) ?? [],
  );
  return others.every((other) => areSame(first, other)) ? first : undefined;
}

/** They map loops that follow each other to the same numbers, so that the first one tells. */
function areSame(one: ReadonlyMap<NativeCall, number> | undefined, other: typeof one): boolean {
  return one?.keys().next().value === other?.keys().next().value;
}

/**
 * Each evaluation in one of the loops. One loop more, which is the innermost call, has just begun and not yet entered its
 * frame, or has left it.
 */
function loopsOfAll(
  calls: readonly NativeCall[],
  evaluations: readonly Anchored[],
): ReadonlyMap<NativeCall, number> | undefined {
  const found = calls.filter(({ functions }) => functions.some(({ role }) => role === 'evaluation'));
  const surplus = found.length - evaluations.length;
  if (surplus === 1 && found[0] === calls[0]) found.shift();
  else if (surplus !== 0) return undefined;
  return new Map(found.map((call, at) => [call, at]));
}

import type { PythonVersion } from '../../model/python-version.ts';

/** Where the package greenlet keeps what a greenlet is. */
export interface GreenletLayout {
  /** Pointer to the object of C++ that holds the rest, behind the object's head; `undefined` where it holds it itself. */
  readonly implementation: number | undefined;
  /** In the rest: the pointer back to the greenlet. */
  readonly self: number | undefined;
  /** In the rest: `_stack_start`, `stack_stop`, `stack_copy` and `_stack_saved`, one word each. */
  readonly stack: number;
  /** In the rest: a frame object of Python, and only while the greenlet is suspended. */
  readonly topFrame: number;
  /** In the rest; `undefined` where it moves from patch to patch and is found by what it points to. */
  readonly parent: number | undefined;
  /** From the pointer to a main greenlet, in one that is begun, to where a main one has its thread, until that has ended. */
  readonly threadBehindMain: number;
  /** In a frame object, behind its head: the frame itself; `undefined` where the two are one, to 3.10. */
  readonly frame: number | undefined;
}

/** `sizeof(UserGreenlet)`: the least there is (3.1.1 on 3.7), and the most (3.5.6 on a free-threaded 3.15). */
export const GREENLET_BYTES = { least: 136, most: 240 } as const;

/**
 * Finds where a version of greenlet keeps its things on a version of CPython; `undefined` for one that is not known.
 *
 * No header that is installed declares them. They come from offsetof() in the sources of 1.1.3, 2.0.0, 2.0.2, 3.0.0 to
 * 3.0.3, 3.1.0, 3.1.1, 3.2.0, 3.2.5, 3.3.2, 3.4.0, 3.5.0 and 3.5.6, compiled for 2.7 and 3.6 to 3.15 as far as each
 * goes (src/greenlet/TGreenlet.hpp, greenlet_greenlet.hpp to 2.0, greenlet.h to 1.1). What lies behind `topFrame` is
 * another in most of them.
 */
export function greenletLayoutFor(greenlet: string, python: PythonVersion): GreenletLayout | undefined {
  const version = parseVersion(greenlet);
  const lastMinor = version === undefined ? undefined : LAST_MINORS[version.major];
  if (version === undefined || lastMinor === undefined || version.minor > lastMinor) return undefined;
  if (version.major === 1) return isSince(python, 11) ? undefined : ONE_STRUCT;
  const hasSelf = version.number >= SINCE_SELF;
  const stack = 8 + (hasSelf ? 8 : 0) + exceptionStateOf(python) + SWITCHING_ARGUMENTS_BYTES;
  const context = isSince(python, 7) ? 8 : 0;
  return {
    implementation: 16,
    self: hasSelf ? 8 : undefined,
    stack,
    topFrame: stack + STACK_STATE_BYTES + context,
    parent: undefined,
    threadBehindMain: hasSelf ? 8 : 0,
    frame: isSince(python, 11) ? 8 : undefined,
  };
}

/** By major version the last minor one whose sources were seen. */
const LAST_MINORS: Readonly<Record<number, number>> = { 1: 1, 2: 0, 3: 5 };
/** 3.1.1 put a pointer back to the greenlet before everything else. */
const SINCE_SELF = 3_001_001;
const SWITCHING_ARGUMENTS_BYTES = 16;
const STACK_STATE_BYTES = 40;

/** greenlet 1: the struct `_greenlet` is the object itself, and the rest is what follows its head; for CPython to 3.10. */
const ONE_STRUCT: GreenletLayout = {
  implementation: undefined,
  self: undefined,
  stack: 0,
  topFrame: 56,
  parent: 40,
  threadBehindMain: 0,
  frame: undefined,
};

/** `exc_info` and a `_PyErr_StackItem`, which 3.11 made shorter; three pointers before 3.7. */
function exceptionStateOf(python: PythonVersion): number {
  if (isSince(python, 11)) return 24;
  return isSince(python, 7) ? 40 : 24;
}

function isSince({ major, minor }: PythonVersion, sinceMinor: number): boolean {
  return major > 3 || (major === 3 && minor >= sinceMinor);
}

/** A version, and as one number that grows with it. */
function parseVersion(text: string): Readonly<Record<'major' | 'minor' | 'number', number>> | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?:\.post\d+)?$/u.exec(text);
  if (match === null) return undefined;
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map((digits) => Number(digits ?? 0));
  return { major, minor, number: (major * 1000 + minor) * 1000 + patch };
}

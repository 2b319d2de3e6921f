import { describe, expect, test } from 'vitest';
import type { PythonVersion } from '../../model/python-version.ts';
import { MEASURED_LAYOUTS } from './generated/index.ts';
import type { Layout } from './layout.ts';
import { layoutFor, measuredLayoutFor } from './layout-for.ts';
import { RULES } from './rules.ts';

/** `3.11`, `3.13t`, `3.8d`, each with a patch release. */
function version(name: string, change: Partial<PythonVersion> = {}): PythonVersion {
  const [, major, minor, build] = /^(\d)\.(\d+)([td]?)$/.exec(name) ?? [];
  return {
    major: Number(major),
    minor: Number(minor),
    micro: 9,
    releaseLevel: 'final',
    serial: 0,
    isFreeThreaded: build === 't',
    isDebugBuild: build === 'd',
    ...change,
  };
}

function rowOf(name: string): Layout {
  const layout = measuredLayoutFor(version(name));
  if (layout === undefined) throw new TypeError(`no row ${name}`);
  return layout;
}

const MINORS = ['2.7', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12'];

const ROWS = Object.entries(MEASURED_LAYOUTS).map(([name, row]) => [name, row()] as const);

describe('MEASURED_LAYOUTS', () => {
  test('has a row for every version, and for its debug or free-threaded build', () => {
    expect(Object.keys(MEASURED_LAYOUTS)).toEqual([
      ...MINORS.flatMap((minor) => [minor, `${minor}d`]),
      ...['3.13', '3.14', '3.15'].flatMap((minor) => [minor, `${minor}t`]),
    ]);
  });

  test.each(ROWS)('names the row %s after itself, with rules', (name, row) => {
    expect(row.name).toBe(name);
    expect(RULES).toHaveProperty([name.replace('d', '')]);
  });

  test.each(ROWS)('gives the row %s whole numbers that fit their struct', (_, row) => {
    const groups = Object.entries(row).filter(([group]) => group !== 'name');
    for (const [group, members] of groups) {
      for (const [member, value] of Object.entries(members ?? {})) {
        if (value === undefined) continue;
        expect(Number.isSafeInteger(value) && value >= 0, `${group}.${member}`).toBe(true);
      }
    }
    for (const member of [row.code.filename, row.code.lineTable, row.code.firstLine])
      expect(member).toBeLessThan(row.code.sizeBytes);
    for (const member of [row.frame.code, row.frame.previous, row.frame.lastInstruction])
      expect(member).toBeLessThan(row.frame.sizeBytes);
  });

  test.each(['2.7', '3.6', '3.7'])(
    'moves the objects of the debug build of %s by the two links of Py_TRACE_REFS',
    (minor) => {
      const [release, debug] = [rowOf(minor), rowOf(`${minor}d`)];
      expect(debug.object).toEqual({ sizeBytes: 32, type: 24, varSize: 32 });
      expect(debug.tuple.items).toBe(release.tuple.items + 16);
      expect(debug.module.dict).toBe(release.module.dict + 16);
    },
  );

  test('gives debug builds of 3.8 and later the objects of release builds', () => {
    for (const minor of ['3.8', '3.9', '3.10', '3.11', '3.12'])
      expect(rowOf(`${minor}d`).type).toEqual(rowOf(minor).type);
  });
});

// Found by others with gdb and DWARF in the interpreters 2.7.18, 3.6.15, 3.7.16, 3.8.18, 3.9.18, 3.10.13,
// 3.11.7, 3.12.1 and 3.13.0: code filename, name, line table, first line, argcount.
test.each([
  ['2.7', [80, 88, 104, 96, 16]],
  ['3.6', [96, 104, 112, 36, 16]],
  ['3.7', [96, 104, 112, 36, 16]],
  ['3.8', [104, 112, 120, 40, 16]],
  ['3.10', [104, 112, 120, 40, 16]],
  ['3.11', [112, 120, 136, 72, 56]],
  ['3.12', [112, 120, 136, 68, 52]],
  ['3.13', [112, 120, 136, 68, 52]],
])('the code row of %s is what gdb says', (name, expected) => {
  const { filename, name: coName, lineTable, firstLine, argCount } = rowOf(name).code;
  expect([filename, coName, lineTable, firstLine, argCount]).toEqual(expected);
});

// From the same source: frame previous, code, last instruction, locals, owner; then of the thread state next,
// interpreter, frame or cframe, thread_id, native_thread_id.
test.each([
  ['2.7', [24, 32, 120, 376, undefined], [0, 8, 16, 144, undefined]],
  ['3.6', [24, 32, 120, 376, undefined], [8, 16, 24, 152, undefined]],
  ['3.7', [24, 32, 104, 360, undefined], [8, 16, 24, 176, undefined]],
  ['3.9', [24, 32, 104, 360, undefined], [8, 16, 24, 176, undefined]],
  ['3.10', [24, 32, 96, 352, undefined], [8, 16, 24, 176, undefined]],
  ['3.11', [48, 32, 56, 72, 69], [8, 16, 56, 152, 160]],
  ['3.12', [8, 0, 56, 72, 70], [8, 16, 56, 136, 144]],
  ['3.13', [8, 0, 56, 72, 70], [8, 16, 72, 152, 160]],
])('the frame and thread rows of %s are what gdb says', (name, frame, thread) => {
  const row = rowOf(name);
  const { previous, code, lastInstruction, locals, owner } = row.frame;
  expect([previous, code, lastInstruction, locals, owner]).toEqual(frame);
  const { next, interpreter, frame: current, cframe, threadId, nativeThreadId } = row.threadState;
  expect([next, interpreter, current ?? cframe, threadId, nativeThreadId]).toEqual(thread);
});

// From the same source: of _PyRuntime finalizing, interpreters.head, gc.collecting, gilstate.tstate_current, ceval.gil;
// of the interpreter id, threads head, modules, sysdict, builtins, gc.collecting, ceval.gil.
test.each([
  ['3.7', [8, 24, 632, 1480, 1264], [16, 8, 40, 56, 64, undefined, undefined]],
  ['3.8', [16, 32, 544, 1368, 1152], [16, 8, 56, 72, 80, undefined, undefined]],
  ['3.9', [16, 32, undefined, 568, 352], [24, 8, 856, 872, 880, 816, undefined]],
  ['3.10', [16, 32, undefined, 568, 352], [24, 8, 856, 872, 880, 816, undefined]],
  ['3.11', [24, 40, undefined, 576, 360], [48, 16, 888, 904, 912, 848, undefined]],
  ['3.12', [24, 40, undefined, undefined, undefined], [8, 72, 944, 352, 360, 312, 384]],
  ['3.13', [608, 632, undefined, undefined, undefined], [7272, 7344, 7656, 7640, 7648, 7600, 16]],
])('the runtime and interpreter rows of %s are what gdb says', (name, runtime, interpreter) => {
  const row = rowOf(name);
  expect([
    row.runtime?.finalizing,
    row.runtime?.interpretersHead,
    row.runtime?.gcCollecting,
    row.runtime?.currentThreadState,
    row.runtime?.gil,
  ]).toEqual(runtime);
  const { id, threadsHead, modules, sysDict, builtins, gcCollecting, gil } = row.interpreter;
  expect([id, threadsHead, modules, sysDict, builtins, gcCollecting, gil]).toEqual(interpreter);
});

// A thread that waits for the lock was seen in futex(2) at lock + 72 or + 76, one that gave it up at + 160 or + 164;
// glibc keeps the futex words of a condition variable 40 and 44 bytes from its start.
test.each(['3.7', '3.8', '3.11', '3.12', '3.13'])(
  'the lock row of %s explains where threads wait',
  (name) => {
    const { gil } = rowOf(name);
    expect([gil?.cond, gil?.switchCond, gil?.condSizeBytes]).toEqual([72 - 40, 160 - 40, 48]);
  },
);

test('unicode rows know that free-threaded builds of 3.14 keep the kind in the second byte', () => {
  const shifts = (name: string) => {
    const { unicode } = rowOf(name);
    return [unicode?.kindShift, unicode?.compactShift, unicode?.asciiShift];
  };
  for (const name of ['3.6', '3.11', '3.12', '3.13', '3.13t', '3.14', '3.15'])
    expect(shifts(name)).toEqual([2, 5, 6]);
  for (const name of ['3.14t', '3.15t']) expect(shifts(name)).toEqual([8, 11, 12]);
});

describe('layoutFor()', () => {
  test.each(MINORS)('finds %s', (minor) => {
    expect(layoutFor(version(minor)).name).toBe(minor);
    expect(layoutFor(version(`${minor}d`)).name).toBe(`${minor}d`);
  });

  test('knows that _PyRuntime grew with 3.7.4', () => {
    const currentThreadState = (micro: number) =>
      layoutFor(version('3.7', { micro })).runtime?.currentThreadState;
    expect([0, 3, 4, 16].map(currentThreadState)).toEqual([1392, 1392, 1480, 1480]);
    expect(layoutFor(version('3.7', { micro: 0 })).runtime?.interpretersHead).toBe(24);
  });

  // The structs of a 3.13.0 and of a 3.13.15, each with and without GIL, as gdb's `ptype /o lockobject` has them.
  test('knows that a lock became a mutex with 3.13.1', () => {
    const lock = (name: string, micro: number) => measuredLayoutFor(version(name, { micro }))?.lock;
    for (const [name, place] of [
      ['3.13', 16],
      ['3.13t', 32],
    ] as const) {
      expect(lock(name, 0)).toEqual({ semaphore: place, mutex: undefined });
      for (const micro of [1, 15]) expect(lock(name, micro)).toEqual({ semaphore: undefined, mutex: place });
    }
  });

  test.each([
    ['3.5', {}, '3.5.9: no table of its structs, only of 2.7, 2.7d, 3.6, 3.6d, 3.7'],
    ['3.4', {}, '3.4.9: no table of its structs, only of 2.7, 2.7d'],
    ['2.6', {}, '2.6.9: no table of its structs, only of 2.7, 2.7d'],
    ['3.12t', {}, '3.12.9 free-threaded: no table of its structs, only of'],
    ['3.13', {}, '3.13.9: its offsets come from the _Py_DebugOffsets of the target, which were not found'],
    [
      '3.12',
      { micro: 0, releaseLevel: 'beta', serial: 1 },
      '3.12.0b1: a pre-release whose structs differ from those of the release',
    ],
  ] as const)('refuses %s by name', (name, change, message) => {
    expect(() => layoutFor(version(name, change))).toThrow(`Cannot read CPython ${message}`);
  });
});

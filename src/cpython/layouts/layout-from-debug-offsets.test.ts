import { describe, expect, test } from 'vitest';
import { debugOffsetsBytes, PUBLISHED_WORDS } from '../../../test/support/debug-offsets-bytes.ts';
import type { PythonVersion } from '../../model/python-version.ts';
import { type DebugOffsets, parseDebugOffsets } from './debug-offsets.ts';
import { measuredLayoutFor } from './layout-for.ts';
import { layoutFromDebugOffsets } from './layout-from-debug-offsets.ts';

function changed(
  offsets: DebugOffsets,
  group: string,
  values: Readonly<Record<string, number>>,
): DebugOffsets {
  return {
    ...offsets,
    groups: { ...offsets.groups, [group]: { ...offsets.groups[group], ...values } },
  };
}

const FREE_THREADED_3_14: PythonVersion = {
  major: 3,
  minor: 14,
  micro: 0,
  releaseLevel: 'final',
  serial: 0,
  isFreeThreaded: true,
  isDebugBuild: false,
};

describe('layoutFromDebugOffsets()', () => {
  test.each(Object.entries(PUBLISHED_WORDS))('gives the measured row for what %s publishes', (_, table) => {
    const offsets = parseDebugOffsets(debugOffsetsBytes(table));
    const row = measuredLayoutFor(offsets.version);
    // An interpreter grows at its end within a minor version.
    const interpreter = { ...row?.interpreter, sizeBytes: offsets.groups['interpreter_state']?.['size'] };
    expect(layoutFromDebugOffsets(offsets)).toEqual({ ...row, interpreter });
  });

  test('believes the target more than the measured row', () => {
    const offsets = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.14.10']));
    const code = changed(offsets, 'code_object', { filename: 96, size: 232 });
    expect(layoutFromDebugOffsets(code).code).toMatchObject({ filename: 96, sizeBytes: 232, name: 120 });
    const frame = changed(offsets, 'interpreter_frame', { localsplus: 88 });
    expect(layoutFromDebugOffsets(frame).frame).toMatchObject({ locals: 88, sizeBytes: 88 });
    const gc = changed(offsets, 'interpreter_state', { gc: 8000, modules: 1 });
    expect(layoutFromDebugOffsets(gc).interpreter.gcCollecting).toBe(8192);
    const longer = changed(offsets, 'interpreter_state', { size: 400_016 });
    expect(layoutFromDebugOffsets(longer).interpreter.sizeBytes).toBe(400_016);
    const lock = changed(offsets, 'interpreter_state', { gil_runtime_state: 7776 });
    expect(layoutFromDebugOffsets(lock).gil).toMatchObject({ locked: 24, lastHolder: 16, cond: 32 });
  });

  test('moves unpublished members with their neighbours', () => {
    const offsets = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.13.0']));
    const runtime = changed(offsets, 'runtime_state', { interpreters_head: 700 });
    expect(layoutFromDebugOffsets(runtime).runtime?.interpretersMain).toBe(708);
    const interpreter = changed(offsets, 'interpreter_state', { threads_head: 8000 });
    expect(layoutFromDebugOffsets(interpreter).interpreter.threadsMain).toBe(8008);
  });

  test('leaves out what only free-threaded builds have', () => {
    const { frame, code, gil } = layoutFromDebugOffsets(
      parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.14.10'])),
    );
    expect([frame.tlbcIndex, code.tlbc, gil?.enabled]).toEqual([undefined, undefined, undefined]);
  });

  test('takes the members of free-threaded builds', () => {
    const { groups } = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.14.10']));
    const offsets = changed({ version: FREE_THREADED_3_14, groups }, 'pyobject', { size: 32, ob_type: 24 });
    const { frame, name, rules } = layoutFromDebugOffsets(
      changed(offsets, 'interpreter_frame', { tlbc_index: 72 }),
    );
    expect([frame.tlbcIndex, name]).toEqual([72, '3.14t']);
    expect(rules.attributes).toMatchObject({ kind: 'inline-after', managedDict: -8 });
    const later = changed(offsets, 'interpreter_state', { code_object_generation: 8024 + 16 });
    const { allocator, worldStopper } = layoutFromDebugOffsets(later).interpreter;
    expect([allocator, worldStopper]).toEqual([17328 + 16, 10864 + 16]);
  });

  test('refuses objects with a head of another size', () => {
    const offsets = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.13.0']));
    expect(() => layoutFromDebugOffsets(changed(offsets, 'pyobject', { size: 32 }))).toThrow(
      'Cannot read CPython 3.13.0: its objects begin with 32 bytes, those of our table with 16',
    );
  });

  test('refuses a version without a row', () => {
    const offsets = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.13.0']));
    expect(() => layoutFromDebugOffsets({ ...offsets, version: { ...offsets.version, minor: 16 } })).toThrow(
      'Cannot read CPython 3.16.0: no table of its structs, only of 2.7, 2.7d',
    );
  });
});

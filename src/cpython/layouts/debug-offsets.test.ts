import { describe, expect, test } from 'vitest';
import { debugOffsetsBytes, PUBLISHED_WORDS } from '../../../test/support/debug-offsets-bytes.ts';
import { debugOffsetsSizeBytes, parseDebugOffsets, parseDebugOffsetsHeader } from './debug-offsets.ts';

const FINAL = { releaseLevel: 'final', serial: 0, isFreeThreaded: false, isDebugBuild: false } as const;

/** Byte offset of a field in the table: three words come before the first. */
function at(word: number): number {
  return 24 + word * 8;
}

describe('parseDebugOffsetsHeader()', () => {
  test('reads version and build from the first 24 bytes', () => {
    const bytes = debugOffsetsBytes({ hexVersion: 0x03_0e_02_c1, freeThreaded: 1, words: [] });
    expect(parseDebugOffsetsHeader(bytes)).toEqual({
      major: 3,
      minor: 14,
      micro: 2,
      releaseLevel: 'candidate',
      serial: 1,
      isFreeThreaded: true,
      isDebugBuild: false,
    });
  });

  test.each([
    ['another cookie', { cookie: 'xdebugpx' }, 'offset 0: no cookie xdebugpy'],
    [
      'a release level that none has',
      { hexVersion: 0x03_0d_00_00 },
      'offset 8: version 51183616, free-threaded 0: no CPython has these',
    ],
    [
      'a free_threaded of 2',
      { freeThreaded: 2 },
      'offset 8: version 51183856, free-threaded 2: no CPython has these',
    ],
  ])('refuses %s', (_what, change, message) => {
    const bytes = debugOffsetsBytes({ hexVersion: 0x03_0d_00_f0, words: [], ...change });
    expect(() => parseDebugOffsetsHeader(bytes)).toThrow(`Cannot read _Py_DebugOffsets at ${message}`);
  });

  test('refuses 23 bytes', () => {
    const bytes = debugOffsetsBytes({ hexVersion: 0x03_0d_00_f0, words: [] }).subarray(0, 23);
    expect(() => parseDebugOffsetsHeader(bytes)).toThrow(
      'Cannot read _Py_DebugOffsets at offset 16: size needs 8 bytes, 7 left',
    );
  });
});

describe('debugOffsetsSizeBytes()', () => {
  test.each([
    [13, 584],
    [14, 760],
    [15, 888],
  ])('knows that the table of 3.%i has %i bytes', (minor, sizeBytes) => {
    expect(debugOffsetsSizeBytes({ ...FINAL, major: 3, minor, micro: 0 })).toBe(sizeBytes);
  });
});

describe('parseDebugOffsets()', () => {
  test('reads every group of 3.13', () => {
    const { version, groups } = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.13.0']));
    expect(version).toEqual({ ...FINAL, major: 3, minor: 13, micro: 0 });
    expect(groups['runtime_state']).toEqual({ size: 283320, finalizing: 608, interpreters_head: 632 });
    expect(groups['interpreter_frame']).toEqual({
      size: 80,
      previous: 8,
      executable: 0,
      instr_ptr: 56,
      localsplus: 72,
      owner: 70,
    });
    expect(groups['gc']).toEqual({ size: 240, collecting: 200 });
    expect(Object.keys(groups)).toHaveLength(15);
  });

  test('reads the groups that 3.14 added', () => {
    const { groups } = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.14.10']));
    expect(groups['set_object']).toEqual({ size: 200, used: 24, table: 40, mask: 32 });
    expect(groups['gen_object']).toEqual({ size: 160, gi_name: 24, gi_iframe: 72, gi_frame_state: 67 });
    expect(groups['llist_node']).toEqual({ next: 0, prev: 8 });
    expect(groups['debugger_support']).toEqual({
      eval_breaker: 24,
      remote_debugger_support: 304,
      remote_debugging_enabled: 8076,
      debugger_pending_call: 0,
      debugger_script_path: 4,
      debugger_script_path_size: 512,
    });
  });

  test('reads the fields that 3.15 added', () => {
    const { groups } = parseDebugOffsets(debugOffsetsBytes(PUBLISHED_WORDS['3.15.2']));
    expect(groups['thread_state']).toMatchObject({
      last_profiled_frame_seq: 96,
      holds_gil: 36,
      exc_state: 288,
    });
    expect(groups['err_stackitem']).toEqual({ exc_value: 0 });
    expect(groups['heap_type_object']).toEqual({ size: 944, ht_cached_keys: 888 });
    expect(groups['unicode_object']).toMatchObject({ compactunicodeobject_size: 56 });
    expect(groups['gc']).toMatchObject({ size: 176, collecting: 112, frame: 120 });
  });

  test.each(Object.entries(PUBLISHED_WORDS))(
    'names the field at which the table of %s is cut off',
    (_, table) => {
      const bytes = debugOffsetsBytes(table);
      const last = bytes.length - 8;
      expect(() => parseDebugOffsets(bytes.subarray(0, bytes.length - 1))).toThrow(
        `Cannot read _Py_DebugOffsets at offset ${last}: size needs 8 bytes, 7 left`,
      );
    },
  );

  test.each([
    [0x03_0c_00_f0, '3.12.0: no list of the fields of its _Py_DebugOffsets, only of 3.13, 3.14, 3.15'],
    [0x03_10_00_f0, '3.16.0: no list of the fields of its _Py_DebugOffsets, only of 3.13, 3.14, 3.15'],
    [0x03_0d_00_c1, '3.13.0rc1: its _Py_DebugOffsets differs from the one of 3.13.0rc2'],
    [0x03_0e_00_b1, '3.14.0b1: its _Py_DebugOffsets differs from the one of 3.14.0'],
    [0x03_0f_00_b3, '3.15.0b3: its _Py_DebugOffsets differs from the one of 3.15.0b4'],
    [0x03_0f_00_a7, '3.15.0a7: its _Py_DebugOffsets differs from the one of 3.15.0b4'],
  ])('refuses version %i by name', (hexVersion, message) => {
    expect(() => parseDebugOffsets(debugOffsetsBytes({ hexVersion, words: [] }))).toThrow(
      `Cannot read CPython ${message}`,
    );
  });

  test('takes 3.15.0b4 and release candidates', () => {
    const { words } = PUBLISHED_WORDS['3.15.2'];
    for (const hexVersion of [0x03_0f_00_b4, 0x03_0f_00_c1])
      expect(parseDebugOffsets(debugOffsetsBytes({ hexVersion, words })).version.micro).toBe(0);
  });

  test.each([
    ['a struct of no size', 0, 0, `${at(0)}: runtime_state.size is 0, no size of a struct`],
    ['a struct above 1 MiB', 0, 1048577, `${at(0)}: runtime_state.size is 1048577, no size of a struct`],
    [
      'an offset outside its struct',
      1,
      283320,
      `${at(1)}: runtime_state.finalizing is 283320, outside its struct of 283320 bytes`,
    ],
    ['a crooked pointer', 2, 633, `${at(2)}: runtime_state.interpreters_head is 633, not a multiple of 8`],
    ['a lock before its struct', 14, 7748, '584: gil_runtime_state_locked is 7748, before the lock at 7752'],
    [
      'a tp_name that follows nothing',
      44,
      32,
      '584: type_object.tp_name is 32, after an object head of 16 bytes',
    ],
  ])('refuses %s', (_what, word, value, message) => {
    const { hexVersion, words } = PUBLISHED_WORDS['3.13.0'];
    const bytes = debugOffsetsBytes({ hexVersion, words: words.with(word, value) });
    expect(() => parseDebugOffsets(bytes)).toThrow(`Cannot read _Py_DebugOffsets at offset ${message}`);
  });

  test('refuses a script path of another size', () => {
    const { hexVersion, words } = PUBLISHED_WORDS['3.14.10'];
    const bytes = debugOffsetsBytes({ hexVersion, words: words.with(-1, 8) });
    expect(() => parseDebugOffsets(bytes)).toThrow(
      'Cannot read _Py_DebugOffsets at offset 760: debugger_script_path_size is 8, not 512',
    );
  });

  test('refuses the table of another minor version', () => {
    const { words } = PUBLISHED_WORDS['3.13.0'];
    const bytes = debugOffsetsBytes({ hexVersion: 0x03_0e_00_f0, words: [...words, ...Array(22).fill(8)] });
    expect(() => parseDebugOffsets(bytes)).toThrow('Cannot read _Py_DebugOffsets at offset');
  });
});

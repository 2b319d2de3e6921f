import { describe, expect, test } from 'vitest';
import { DEBUG_OFFSET_TABLES } from '../../src/cpython/layouts/debug-offset-tables.ts';
import { cpython311 } from '../../src/cpython/layouts/generated/cpython-3.11.ts';
import { cpython313 } from '../../src/cpython/layouts/generated/cpython-3.13.ts';
import { debugOffsetsBytes, PUBLISHED_WORDS } from '../../test/support/debug-offsets-bytes.ts';
import { differences, differencesFromTable, expectedRow, fieldListDifferences, flatten } from './compare.ts';
import { isInVersions, PROBES } from './probes.ts';

const CPYTHON_3_11 = cpython311();
const CPYTHON_3_13 = cpython313();

describe('differences()', () => {
  const measured = flatten(CPYTHON_3_11);

  test('finds none between a row and its measurement', () => {
    expect(differences(CPYTHON_3_11, measured)).toEqual([]);
  });

  test('refuses a doctored offset', () => {
    const doctored = { ...CPYTHON_3_11, frame: { ...CPYTHON_3_11.frame, previous: 40 } };
    expect(differences(doctored, measured)).toEqual(['frame.previous is 40, measured 48']);
  });

  test('refuses a doctored absence and a doctored presence', () => {
    const doctored = {
      ...CPYTHON_3_11,
      gil: undefined,
      code: { ...CPYTHON_3_11.code, tlbc: 8 },
    };
    expect(differences(doctored, measured)).toEqual([
      'gil.sizeBytes is absent, measured 208',
      'gil.lastHolder is absent, measured 8',
      'gil.locked is absent, measured 16',
      'gil.switchNumber is absent, measured 24',
      'gil.cond is absent, measured 32',
      'gil.switchCond is absent, measured 120',
      'gil.condSizeBytes is absent, measured 48',
      'code.tlbc is 8, measured absent',
    ]);
  });

  test('passes over what could not be measured', () => {
    const doctored = { ...CPYTHON_3_11, range: undefined };
    expect(differences(doctored, measured, ['range.start', 'range.stop', 'range.step'])).toEqual([]);
  });
});

describe('differencesFromTable()', () => {
  const runtime = debugOffsetsBytes(PUBLISHED_WORDS['3.13.0']);

  test('finds none between the row of 3.13 and what 3.13.0 publishes', () => {
    expect(differencesFromTable(CPYTHON_3_13, runtime)).toEqual([]);
  });

  test('refuses a doctored row', () => {
    const doctored = { ...CPYTHON_3_13, float: { value: 24 } };
    expect(differencesFromTable(doctored, runtime)).toEqual(['float.value is 24, measured 16']);
  });
});

describe('expectedRow()', () => {
  const published = PUBLISHED_WORDS['3.13.0'];
  /** A thread's state of 3.13.15 has one member more. */
  const runtime = debugOffsetsBytes({
    hexVersion: 0x03_0d_0f_f0,
    words: published.words.map((word) => (word === 304 ? 312 : word)),
  });
  const later = { name: '3.13', version: '3.13.15', measuredVersion: '3.13.0' };

  test('is the row for the release that it was measured in', () => {
    const measured = { name: '3.13', version: '3.13.0', measuredVersion: '3.13.0', runtime: undefined };
    expect(expectedRow(measured)).toEqual({ row: CPYTHON_3_13, incomparable: [] });
  });

  test('is what a later release publishes, with what is known to have changed since', () => {
    expect(expectedRow({ ...later, runtime })).toMatchObject({
      row: {
        threadState: { sizeBytes: 312, runningLoop: 312, next: CPYTHON_3_13.threadState.next },
        lock: { semaphore: undefined, mutex: 16 },
      },
      incomparable: ['lock.mutex', 'interpreter.sizeBytes'],
    });
  });

  test('is nothing for a later release that does not tell', () => {
    expect(expectedRow({ ...later, runtime: undefined })).toBeUndefined();
  });

  test('is the row for any release before 3.13, with what some of them keep elsewhere', () => {
    const row = (name: string, version: string) =>
      expectedRow({ name, version, measuredVersion: undefined, runtime: undefined })?.row;
    expect(row('3.11', '3.11.2')).toEqual(CPYTHON_3_11);
    expect(row('3.7d', '3.7.2')?.collector).toEqual({ headBytes: 24, generationBytes: 32 });
  });
});

describe('fieldListDifferences()', () => {
  const groups = Object.entries(DEBUG_OFFSET_TABLES['3.14']?.groups ?? {});
  const names = groups.flatMap(([group, { fields }]) => fields.map((field) => `${group}.${field}`));
  const header = new Map(names.map((name, index) => [name, 24 + index * 8] as const)).set(
    '_Py_DebugOffsets',
    760,
  );

  test('finds none where the header has every field in its place', () => {
    expect(fieldListDifferences('3.14', header)).toEqual([]);
  });

  test('refuses a list that lacks a field of the header', () => {
    expect(fieldListDifferences('3.14', new Map(header).set('_Py_DebugOffsets', 768))).toEqual([
      '_Py_DebugOffsets is at 760, measured 768',
    ]);
  });

  test('refuses a version without a list', () => {
    expect(fieldListDifferences('3.16', header)).toEqual(['no list of fields for 3.16']);
  });
});

test.each([
  ['3.9', '', true],
  ['3.9', '3.7-3.11', true],
  ['3.10', '3.7-3.9', false],
  ['3.6', '3.7-', false],
  ['3.10', '3.9-', true],
  ['2.7', '-3.10', true],
  ['3.11', '-3.10', false],
  ['3.11', '3.11', true],
  ['3.12', '3.11', false],
])('isInVersions() knows of %s in %j: %s', (minor, versions, expected) => {
  expect(isInVersions(minor, versions)).toBe(expected);
});

test('PROBES measure each field of a row in one way for each version', () => {
  for (const minor of ['2.7', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15']) {
    const fields = PROBES.filter(({ versions }) => isInVersions(minor, versions)).map(({ field }) => field);
    expect(fields).toEqual([...new Set(fields)]);
  }
});

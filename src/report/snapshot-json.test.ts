import { describe, expect, test } from 'vitest';
import { violations } from '../../test/support/schemas.ts';
import {
  makeFrame,
  makeNativeFrame,
  makeProcess,
  makeSnapshot,
  makeThread,
} from '../../test/support/snapshots.ts';
import { OBJECTS_OF_EVERY_KIND, VARIED_SNAPSHOTS } from '../../test/support/varied-snapshots.ts';
import { objectToJson } from './object-json.ts';
import { processesToJson } from './processes-json.ts';
import { snapshotToJson } from './snapshot-json.ts';

test.each(Object.entries(VARIED_SNAPSHOTS))('snapshotToJson() of %s holds to its schema', (_, snapshot) => {
  expect(violations('snapshot', snapshotToJson(snapshot))).toEqual([]);
});

test('docs/snapshot.schema.json refuses what is not a snapshot', () => {
  expect(violations('snapshot', { ...Object(snapshotToJson(makeSnapshot([]))), threads: undefined })).toEqual(
    [" must have required property 'threads'"],
  );
});

test.each([
  ['no processes', []],
  [
    'all that may be absent, and all that may be there',
    [makeProcess(), makeProcess({ version: undefined, container: 'f2d4c6b8a0e1', innerPid: 7 })],
  ],
])('processesToJson() of %s holds to its schema', (_, processes) => {
  expect(violations('processes', processesToJson(processes))).toEqual([]);
});

test('snapshotToJson() leaves nothing to JSON that JSON would drop or change', () => {
  for (const snapshot of Object.values(VARIED_SNAPSHOTS)) {
    const document = snapshotToJson(snapshot);
    expect(JSON.parse(JSON.stringify(document))).toStrictEqual(document);
  }
});

test('snapshotToJson() tells all of a native call, and of a merged stack where each frame lies', () => {
  const [frame, inlined] = [makeNativeFrame({ symbol: undefined }), makeNativeFrame({ isInlined: true })];
  const thread = makeThread({
    frames: [makeFrame()],
    native: { frames: [frame, inlined], cutOff: 'There are more' },
  });
  const shared = thread.frames.map((each) => ({ kind: 'python', frame: each }) as const);
  const merged = [{ kind: 'native', frame: inlined } as const, ...shared];
  expect(snapshotToJson(makeSnapshot([{ ...thread, merged }]))).toMatchObject({
    threads: [
      {
        native: {
          frames: [
            {
              pc: '0x7f0000003040',
              module: '/usr/lib/libsort.so.1',
              buildId: 'c0ffee',
              moduleAddress: '0x3040',
              symbol: null,
              symbolOffset: 0x40,
              file: 'sort.c',
              line: 42,
              isInlined: false,
            },
            { symbol: 'sort_list', isInlined: true },
          ],
          cutOff: 'There are more',
        },
        merged: [
          { kind: 'native', index: 1 },
          { kind: 'python', index: 0 },
        ],
      },
    ],
  });
});

test('snapshotToJson() keeps lone surrogates, as escapes that any JSON reader takes', () => {
  const name = '\udc80.py';
  const snapshot = makeSnapshot([], { foundBy: name });
  const text = JSON.stringify(snapshotToJson(snapshot));
  expect(text).toContain('"foundBy":"\\udc80.py"');
  expect(Buffer.from(text).toString()).toBe(text);
});

describe('objectToJson()', () => {
  test.each(OBJECTS_OF_EVERY_KIND.map((view) => [view.kind, view] as const))(
    'keeps the kind %s',
    (kind, view) => {
      expect(objectToJson(view)).toMatchObject({ kind });
    },
  );

  test.each([
    ['a great integer', { kind: 'int', value: 2n ** 90n, isLong: false }, '1237940039285380274899124224'],
    ['NaN', { kind: 'float', value: Number.NaN }, 'NaN'],
    ['minus infinity', { kind: 'float', value: Number.NEGATIVE_INFINITY }, '-Infinity'],
    ['minus zero', { kind: 'float', value: -0 }, '-0'],
    ['a float of many digits', { kind: 'float', value: 0.1 }, 0.1],
    ['a great float', { kind: 'float', value: 1e300 }, 1e300],
    [
      'bytes',
      { kind: 'bytes', value: new Uint8Array([0, 255, 104]), omitted: 0, type: 'bytes' },
      { b64: 'AP9o', len: 3 },
    ],
  ] as const)('writes %s so that it can be read back', (_, view, value) => {
    expect(objectToJson(view)).toMatchObject({ value });
  });
});

import { expect, test } from 'vitest';
import { at, makeFrame, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import type { Frame } from './frame.ts';
import type { Snapshot } from './snapshot.ts';
import { compareSnapshots, type Look, type ThreadChange } from './snapshot-comparison.ts';

function snapshotAt(second: number, threads: Snapshot['threads']): Snapshot {
  return makeSnapshot(threads, { takenAt: new Date(second * 1000).toISOString() });
}

/** The change of the first thread over looks of one thread with these frames, two seconds apart. */
function changesOver(...frames: readonly (readonly Frame[])[]): (ThreadChange | undefined)[] {
  let look: Look | undefined;
  return frames.map((ofThread, index) => {
    const thread = makeThread({ frames: ofThread });
    look = compareSnapshots(look, snapshotAt(index * 2, [thread]));
    return look.changes.get(thread);
  });
}

const MAIN = makeFrame({ position: at(10, 4, 9) });

test('compareSnapshots() calls a thread new at the first look', () => {
  expect(changesOver([MAIN])).toEqual([{ kind: 'new' }]);
});

test('compareSnapshots() counts the time and the looks at one place', () => {
  expect(changesOver([MAIN], [MAIN], [MAIN])).toEqual([
    { kind: 'new' },
    { kind: 'same-place', seconds: 2, looks: 2, cpuTimeNs: undefined },
    { kind: 'same-place', seconds: 4, looks: 3, cpuTimeNs: undefined },
  ]);
});

test('compareSnapshots() counts anew after a move', () => {
  const next = { ...MAIN, position: at(11, 4, 9) };
  expect(changesOver([MAIN], [MAIN], [next], [next]).slice(2)).toEqual([
    { kind: 'moved' },
    { kind: 'same-place', seconds: 2, looks: 2, cpuTimeNs: undefined },
  ]);
});

test.each([
  ['another line', [{ ...MAIN, position: at(11, 4, 9) }]],
  ['another column', [{ ...MAIN, position: at(10, 5, 9) }]],
  ['another end column', [{ ...MAIN, position: at(10, 4, 8) }]],
  ['no line', [{ ...MAIN, position: undefined }]],
  ['other code', [{ ...MAIN, codeAddress: toAddress(0x7f00_0000_9000) }]],
  ['another frame', [{ ...MAIN, address: toAddress(0x7f00_0000_9000) }]],
  ['a call more', [MAIN, MAIN]],
  ['a call less', []],
])('compareSnapshots() calls %s a move', (_, frames) => {
  expect(changesOver([MAIN], frames)[1]).toEqual({ kind: 'moved' });
});

test('compareSnapshots() does not take text for place: only the source line differs', () => {
  expect(changesOver([MAIN], [{ ...MAIN, sourceLine: 'spin()' }])[1]?.kind).toBe('same-place');
});

test('compareSnapshots() tells the CPU time used at one place', () => {
  const before = makeThread({ frames: [MAIN], cpuTimeNs: 1_000n });
  const after = makeThread({ frames: [MAIN], cpuTimeNs: 5_000n });
  const look = compareSnapshots(compareSnapshots(undefined, snapshotAt(0, [before])), snapshotAt(1, [after]));
  expect(look.changes.get(after)).toEqual({ kind: 'same-place', seconds: 1, looks: 2, cpuTimeNs: 4_000n });
});

test('compareSnapshots() lists threads that ended, once, and takes a reused state for a new thread', () => {
  const first = makeThread({ frames: [MAIN] });
  const second = makeThread({ frames: [MAIN], osThreadId: 6000 });
  const looks: Look[] = [];
  for (const thread of [first, second, second])
    looks.push(compareSnapshots(looks.at(-1), snapshotAt(looks.length, [{ ...thread }])));
  expect(looks.map(({ number, ended }) => [number, ended])).toEqual([
    [1, []],
    [2, [first]],
    [3, []],
  ]);
  expect([...(looks[1]?.changes.values() ?? [])]).toEqual([{ kind: 'new' }]);
});

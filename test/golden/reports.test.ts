import { describe, test } from 'vitest';
import { toAddress } from '../../src/base/address.ts';
import { compareSnapshots, type Look } from '../../src/model/snapshot-comparison.ts';
import { faulthandlerLines } from '../../src/report/faulthandler-layout.ts';
import { pyflameLines } from '../../src/report/pyflame-layout.ts';
import { pystackLines } from '../../src/report/pystack-layout.ts';
import { snapshotToJson } from '../../src/report/snapshot-json.ts';
import { ANSI, PLAIN } from '../../src/report/style.ts';
import { threadRemarks } from '../../src/report/thread-remarks.ts';
import { watchLines } from '../../src/report/watch-layout.ts';
import { expectGolden } from '../support/golden.ts';
import { at, makeFrame, makeSnapshot, makeThread } from '../support/snapshots.ts';
import { VARIED_SNAPSHOTS } from '../support/varied-snapshots.ts';

function textOf(lines: Iterable<string>): string {
  return [...lines].map((line) => `${line}\n`).join('');
}

describe.each(Object.entries(VARIED_SNAPSHOTS))('%s', (name, snapshot) => {
  test('pystackLines() in plain text, with variables', () => {
    expectGolden(`${name}.pystack.txt`, textOf(pystackLines(snapshot, { style: PLAIN, showLocals: true })));
  });

  test('pystackLines() in colours, with remarks', () => {
    const remarks = (thread: (typeof snapshot.threads)[number]): readonly string[] =>
      threadRemarks(thread, ANSI);
    expectGolden(
      `${name}.pystack-verbose.txt`,
      textOf(pystackLines(snapshot, { style: ANSI, showLocals: false, remarks })).replaceAll('\u001b', '␛'),
    );
  });

  test('pyflameLines()', () => {
    expectGolden(`${name}.pyflame.txt`, textOf(pyflameLines(snapshot)));
  });

  test('faulthandlerLines()', () => {
    expectGolden(`${name}.faulthandler.txt`, textOf(faulthandlerLines(snapshot)));
  });

  test('snapshotToJson()', () => {
    expectGolden(`${name}.json.txt`, `${JSON.stringify(snapshotToJson(snapshot), undefined, 2)}\n`);
  });
});

test('watchLines() over four looks: new, moved, at the same place, busy there, ended', () => {
  const stuck = [
    makeFrame({ name: 'wait', position: at(5), sourceLine: 'lock.acquire()' }),
    makeFrame({ name: 'run', position: at(9) }),
    makeFrame({ name: '<module>', position: at(20) }),
  ];
  const spinning = [makeFrame({ name: 'spin', position: at(3), sourceLine: 'while True: pass' })];
  const brief = makeThread({ osThreadId: 5013, kernelName: 'brief', threadState: toAddress(0x3000) });
  const looks = [0, 1, 2, 3].map((index) =>
    makeSnapshot(
      [
        ...(index === 1 || index === 2 ? [brief] : []),
        makeThread({
          osThreadId: 5012,
          kernelName: 'busy',
          threadState: toAddress(0x2000),
          frames: spinning,
          cpuTimeNs: BigInt(index) * 2_000_000_000n,
        }),
        makeThread({ osThreadId: 5011, kernelName: 'stuck', threadState: toAddress(0x1000), frames: stuck }),
        makeThread({ frames: [makeFrame({ name: 'main', position: at(40 + Math.min(index, 2)) })] }),
      ],
      { takenAt: `2026-03-01T12:00:0${index * 2}.000Z` },
    ),
  );
  let look: Look | undefined;
  let text = '';
  for (const snapshot of looks) {
    look = compareSnapshots(look, snapshot);
    text += `${textOf(watchLines(look, { style: PLAIN, showLocals: false }))}\n`;
  }
  expectGolden('watch.txt', text);
});

import { expect, test } from 'vitest';
import { makeProcess, makeSnapshot } from '../../../test/support/snapshots.ts';
import { displayWidth } from '../../report/display-width.ts';
import { PLAIN } from '../../report/style.ts';
import { bannerLines } from './banner.ts';

const BANNER = {
  programName: 'pyflight',
  version: '1.2.3',
  facts: makeSnapshot([]).process,
  process: makeProcess(),
  canPause: true,
  style: PLAIN,
  columns: undefined,
};

test('bannerLines() says which process it is, and what can be done', () => {
  expect([...bannerLines(BANNER)]).toEqual([
    'pyflight 1.2.3',
    'process  5010 of shop, up 1h 02m',
    'python   3.12.1 /usr/bin/python3.12',
    'command  python3 /srv/shop/app.py --fast',
    'access   L0 reads memory, L1 stops it for 1 ms, L2 to L4 run code in it',
    'Type help for commands, exit to leave.',
  ]);
});

test('bannerLines() says what it does not know by leaving it out, and that nothing can be stopped', () => {
  const lines = [...bannerLines({ ...BANNER, process: undefined, canPause: false })];
  expect([lines[1], lines[4]]).toEqual(['process  5010', 'access   L0 reads memory (--no-block)']);
});

test('bannerLines() fits 40 columns', () => {
  for (const line of bannerLines({ ...BANNER, columns: 40 }))
    expect(displayWidth(line)).toBeLessThanOrEqual(40);
});

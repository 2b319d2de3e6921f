import { expect, test } from 'vitest';
import { makeProcess, PYTHON_3_12 } from '../../test/support/snapshots.ts';
import { displayWidth } from './display-width.ts';
import { processTableLines } from './process-table.ts';
import { ANSI, PLAIN } from './style.ts';

const PROCESSES = [
  makeProcess(),
  makeProcess({
    pid: 12,
    version: { ...PYTHON_3_12, minor: 13, micro: 0, isFreeThreaded: true },
    user: '田中',
    uptimeSeconds: 7.5,
    cpuSeconds: 0,
    residentBytes: 1_500_000_000,
    container: 'f2d4c6b8a0e1f2d4c6b8a0e1',
    commandLine: ['gunicorn: worker [シップ]'],
  }),
  makeProcess({
    pid: 4_194_304,
    version: undefined,
    commandLine: [],
    executable: '/opt/a/long/way/to/bin/python3',
  }),
];

function table(columns: number | undefined, isNumbered = false): string[] {
  return [...processTableLines(PROCESSES, { style: PLAIN, columns, isNumbered })];
}

test('processTableLines() aligns by cells, numbers to the right, and cuts nothing without a terminal', () => {
  expect(table(undefined)).toEqual([
    '    PID  PYTHON                USER  UPTIME     CPU    MEMORY  CONTAINER     COMMAND',
    '   5010  3.12.1                shop  1h 02m    12 s  46.1 MiB  -             python3 /srv/shop/app.py --fast',
    '     12  3.13.0 free-threaded  田中  7.50 s  0.00 s   1.4 GiB  f2d4c6b8a0e1  gunicorn: worker [シップ]',
    '4194304  ?                     shop  1h 02m    12 s  46.1 MiB  -             /opt/a/long/way/to/bin/python3',
  ]);
});

test('processTableLines() leaves out columns and cuts commands on a narrow terminal', () => {
  expect(table(40, true)).toEqual([
    '#      PID  COMMAND',
    '1     5010  python3 /srv/shop/app.py --…',
    '2       12  gunicorn: worker [シップ]',
    '3  4194304  python3',
  ]);
});

test.each([20, 30, 40, 60, 80, 100, 200])('processTableLines() fits %d columns', (columns) => {
  for (const line of table(columns, true)) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
});

test('processTableLines() escapes what a terminal would obey', () => {
  const process = makeProcess({ user: 'a\u001b', commandLine: ['python3', '-c', 'x\n\u001b[2J'] });
  const lines = [...processTableLines([process], { style: PLAIN, columns: undefined, isNumbered: false })];
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toMatch(/\p{Cc}/u);
});

test('processTableLines() paints the headings only', () => {
  const [headings, ...rows] = processTableLines(PROCESSES, {
    style: ANSI,
    columns: undefined,
    isNumbered: false,
  });
  expect([headings?.slice(0, 4), headings?.slice(-4)]).toEqual(['\u001b[1m', '\u001b[0m']);
  expect(rows.join('')).not.toContain('\u001b');
});

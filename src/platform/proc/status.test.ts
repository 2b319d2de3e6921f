import { expect, test } from 'vitest';
import { parseStatus } from './status.ts';

function statusText(lines: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = {
    Name: 'python3',
    State: 'S (sleeping)',
    Tgid: '4242',
    TracerPid: '0',
    Uid: '1000\t1001\t1002\t1003',
    NSpid: '4242\t7',
    Threads: '5',
    CapEff: '000001ffffffffff',
    ...lines,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}:\t${value}\n`)
    .join('');
}

const STATUS = {
  name: 'python3',
  state: 'S',
  processId: 4242,
  tracerPid: undefined,
  realUid: 1000,
  effectiveUid: 1001,
  savedUid: 1002,
  namespaceIds: [4242, 7],
  effectiveCapabilities: 0x1ffffffffffn,
  threadCount: 5,
  hasShadowStack: false,
  filterCount: 0,
};

test.each([
  ['every line that we use', {}, STATUS],
  ['who traces it', { TracerPid: '17' }, { ...STATUS, tracerPid: 17 }],
  ['a name with a newline and backslashes', { Name: 'a\\nb\\\\n' }, { ...STATUS, name: 'a\nb\\n' }],
  ['an unnamed colon', { Name: 'a: b' }, { ...STATUS, name: 'a: b' }],
])('parseStatus() reads %s', (_what, lines, status) => {
  expect(parseStatus(statusText(lines))).toEqual(status);
});

test('parseStatus() knows no namespace ids before Linux 4.1', () => {
  const text = statusText({}).replace(/NSpid.*\n/u, '');
  expect(parseStatus(text)).toEqual({ ...STATUS, namespaceIds: undefined });
});

test('parseStatus() names a line that is missing', () => {
  const text = statusText({}).replace(/TracerPid.*\n/u, '');
  expect(() => parseStatus(text)).toThrow(
    `Cannot read /proc/PID/status at offset ${text.length}: no line TracerPid`,
  );
});

test('parseStatus() tells of a shadow stack', () => {
  const text = `${statusText({})}x86_Thread_features:\tshstk wrss\n`;
  expect(parseStatus(text).hasShadowStack).toBe(true);
});

import { expect, test } from 'vitest';
import { isEndedState, parseProgramMark, parseStat } from './stat.ts';

const REST =
  'S 4200 4242 4200 34816 4242 4194304 1532 0 0 0 12 3 0 0 20 0 5 0 88213 26427392 2301 18446744073709551615 4194304 4198400 140729999999999 0';
const STAT = {
  id: 4242,
  name: 'python3',
  state: 'S',
  parentId: 4200,
  terminalDevice: 34816,
  isKernelThread: false,
  userTicks: 12,
  systemTicks: 3,
  threadCount: 5,
  startTicks: 88213,
  residentPages: 2301,
  stackStart: 140729999999999,
};

test.each([['python3'], ['my app'], ['a) R 1 (b'], [') S 1'], ['two\nlines'], ['']])(
  'parseStat() reads a process of the name %j',
  (name) => {
    expect(parseStat(`4242 (${name}) ${REST}\n`)).toEqual({ ...STAT, name });
  },
);

test('parseStat() tells a kernel thread, which has no parent here and no terminal', () => {
  const text = '2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0 18446744073709551615 0\n';
  expect(parseStat(text)).toEqual({
    ...STAT,
    id: 2,
    name: 'kthreadd',
    parentId: undefined,
    terminalDevice: undefined,
    isKernelThread: true,
    userTicks: 0,
    systemTicks: 0,
    threadCount: 1,
    startTicks: 0,
    residentPages: 0,
    stackStart: undefined,
  });
});

test.each([[''], ['4242 python3 S 1'], ['4242 (python3) S 1 2']])('parseStat() refuses %j', (text) => {
  expect(() => parseStat(text)).toThrow('Cannot read /proc/PID/stat at offset 0: line is not a process');
});

test.each([['python3'], ['a) R 1 (b'], [') S 1'], ['']])(
  'parseProgramMark() reads what runs as %j',
  (name) => {
    const line = `4242 (${name}) ${REST}\n`;
    const bytes = new TextEncoder().encode(`${line}) left of a longer line`);
    const { state, startTicks, stackStart } = STAT;
    expect(parseProgramMark(bytes, line.length)).toEqual({ state, startTicks, stackStart });
  },
);

test('parseProgramMark() says of what we may not look into that its stack is unknown', () => {
  const bytes = new TextEncoder().encode(
    '7 (x) S 1 7 7 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 314 0 0 0 0 0 0 0 0\n',
  );
  expect(parseProgramMark(bytes, bytes.length)).toEqual({
    state: 'S',
    startTicks: 314,
    stackStart: undefined,
  });
});

test.each([
  ['Z', true],
  ['X', true],
  ['x', true],
  ['S', false],
  ['t', false],
  ['D', false],
])('isEndedState() says of %s: %s', (state, isEnded) => {
  expect(isEndedState(state)).toBe(isEnded);
});

import { expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';
import { tt } from '../commands/tt.ts';
import { parseCommandLine } from '../grammar.ts';

function valuesOf(...words: readonly string[]) {
  const parsed = parseCommandLine(tt, words);
  return parsed.kind === 'values' ? parsed.values : parsed;
}

test('tt knows every spelling of PyFlightProfiler', () => {
  expect(valuesOf('42', '-t', 'moduleA', 'classA', 'func', '-nm', 'inner', '-n5')).toMatchObject({
    pid: 42,
    timeTunnel: true,
    words: ['moduleA', 'classA', 'func'],
    nestedMethod: 'inner',
    limits: 5,
  });
  expect(valuesOf('42', '--time_tunnel', '__main__', 'func', '--limits', '-1')).toMatchObject({
    timeTunnel: true,
    limits: -1,
  });
  expect(valuesOf('42', '-l', '-m', 'moduleA.classA.methodA', '-f', "args[0]['q']=='é'")).toMatchObject({
    list: true,
    method: 'moduleA.classA.methodA',
    filter: "args[0]['q']=='é'",
  });
  expect(valuesOf('42', '--index', '1000', '--play', '-x', '3', '-r', '-v')).toMatchObject({
    index: '1000',
    play: true,
    expand: 3,
    raw: true,
  });
  expect(valuesOf('42', '-da')).toMatchObject({ deleteAll: true });
  expect(valuesOf('42', '--delete_all')).toMatchObject({ deleteAll: true });
  expect(valuesOf('42', '-d', '1000')).toMatchObject({ delete: '1000' });
  expect(valuesOf('42', '-i', '1000', '-p', '--allow-write')).toMatchObject({ yes: true });
});

test.each([
  [['-l', '-i', '1000'], 'use exactly one of -t, -l, -i, -d and -da'],
  [['shop', 'f'], 'use exactly one of -t, -l, -i, -d and -da'],
  [['-l', 'shop', 'f'], 'Cannot use shop f here: a function is named with -t, or with -m in a list'],
  [['-l', '-p'], 'Cannot repeat a call without its index: use -p with -i'],
  [['-i', 'first'], 'Cannot use first as an index'],
  [['-t', 'shop', 'f', '--budget', 'much'], 'Cannot use much as --budget'],
  [['-t', 'shop', 'f', '--keep', 'long'], 'Cannot use long as a time'],
  [['-t'], 'Cannot tell which function is meant'],
])('tt %j is refused before anything is done', async (words, message) => {
  const { status, notes } = await runCommandLine(['tt', '42', ...words]);
  expect([status, notes]).toEqual([2, expect.stringContaining(message)]);
});

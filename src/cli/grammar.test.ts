import { expect, test } from 'vitest';
import { defineCommand } from './command.ts';
import { parseCommandLine } from './grammar.ts';

const SAMPLE = defineCommand({
  name: 'sample',
  summary: 'Try the grammar',
  arguments: { pid: { kind: 'pid', help: 'Process' } },
  options: {
    locals: { kind: 'flag', help: 'Variables' },
    noBlock: { kind: 'flag', help: 'No stop' },
    file: { kind: 'text', short: 'f', valueName: 'path', help: 'File' },
    format: { kind: 'choice', choices: ['one', 'two'], help: 'Layout' },
    watch: { kind: 'seconds', whenBare: 2, help: 'Again and again' },
    native: { kind: 'modes', modes: { native: 'C', 'native-all': 'All', 'native-last': 'Last' } },
  },
  examples: [['sample 1', 'shows it']],
  run: async () => 'complete',
});

const DEFAULTS = {
  pid: 7,
  locals: false,
  noBlock: false,
  file: undefined,
  format: 'one',
  watch: undefined,
  native: undefined,
};

const LINES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['7', {}],
  ['--locals 7', { locals: true }],
  ['7 --locals', { locals: true }],
  ['--loc 7', { locals: true }],
  ['--no-block 7', { noBlock: true }],
  ['--no-b 7', { noBlock: true }],
  ['-f out.txt 7', { file: 'out.txt' }],
  ['7 --file=out.txt', { file: 'out.txt' }],
  ['7 --fi=a=b', { file: 'a=b' }],
  ['7 --format two', { format: 'two' }],
  ['--watch 7', { watch: 2 }],
  ['7 --watch=0.5', { watch: 0.5 }],
  ['--wa=10 7', { watch: 10 }],
  ['7 --native', { native: 'native' }],
  ['7 --native --native-last --native-all', { native: 'native-all' }],
  ['7 --native-all --native', { native: 'native' }],
  ['-- 7', {}],
];
test.each(LINES)('parseCommandLine() reads %s', (line, expected) => {
  expect(parseCommandLine(SAMPLE, line.split(' '))).toEqual({
    kind: 'values',
    values: { ...DEFAULTS, ...expected },
    noColor: false,
    verbosity: 0,
  });
});

test.each([
  ['7 -v', 1, false],
  ['7 -vv --no-color', 2, true],
  ['-v --verbose 7 -v --no-c', 3, true],
])('parseCommandLine() reads the options of all commands in %s', (line, verbosity, noColor) => {
  expect(parseCommandLine(SAMPLE, line.split(' '))).toMatchObject({ verbosity, noColor });
});

test.each([
  ['', "missing required argument 'pid'"],
  ['abc', 'Cannot use abc as a process id: it is not a number from 1 to 4194304'],
  ['0', 'Cannot use 0 as a process id: it is not a number from 1 to 4194304'],
  ['4194305', 'Cannot use 4194305 as a process id: it is not a number from 1 to 4194304'],
  ['1e3', 'Cannot use 1e3 as a process id: it is not a number from 1 to 4194304'],
  ['7 8', 'too many arguments. Expected 1 argument but got 2.'],
  ['7 --lacols', "unknown option '--lacols'\n(Did you mean --locals?)"],
  [
    '7 --n',
    'Cannot tell what --n means: --no-block or --native or --native-all or --native-last or --no-color',
  ],
  ['7 --format three', 'Cannot use three here: choose one of one, two'],
  ['7 --watch=soon', 'Cannot use soon as a number of seconds: it must lie within 0.05 and 86400'],
  ['7 --watch=0', 'Cannot use 0 as a number of seconds: it must lie within 0.05 and 86400'],
  ['7 -f', "option '-f, --file <path>' argument missing"],
])('parseCommandLine() says what is wrong with "%s"', (line, message) => {
  const words = line === '' ? [] : line.split(' ');
  expect(parseCommandLine(SAMPLE, words)).toEqual({ kind: 'usage', message });
});

test.each(['-h', '--help', '7 --help', '--hel'])('parseCommandLine() takes %s as a wish for help', (line) => {
  expect(parseCommandLine(SAMPLE, line.split(' '))).toEqual({ kind: 'help' });
});

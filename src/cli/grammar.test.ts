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
  ['7 8 9', 'too many words: 8 9'],
  ['7 --watch 1', 'too many words: 1\n(The time of --watch is joined to it: --watch=1)'],
  ['7 --lacols', "unknown option '--lacols'\n(Did you mean --locals?)"],
  [
    '7 --n',
    'Cannot tell what --n means: --no-block or --native or --native-all or --native-last or --no-color',
  ],
  ['7 --format three', 'Cannot use three as --format: choose one of one, two'],
  ['7 --watch=soon', 'Cannot use soon as a number of seconds: it must lie within 0.05 and 86400'],
  ['7 --watch=0', 'Cannot use 0 as a number of seconds: it must lie within 0.05 and 86400'],
  ['7 -f', "option '-f, --file <path>' argument missing"],
])('parseCommandLine() says what is wrong with "%s"', (line, message) => {
  const words = line === '' ? [] : line.split(' ');
  expect(parseCommandLine(SAMPLE, words)).toEqual({ kind: 'usage', message });
});

test.each(['--json', '--jsonl'])('parseCommandLine() says why a command has no %s', (word) => {
  const command = { ...SAMPLE, withoutJson: 'it only samples' };
  expect(parseCommandLine(command, ['7', word])).toEqual({
    kind: 'usage',
    message: `sample has no ${word}: it only samples`,
  });
});

test.each(['-h', '--help', '7 --help', '--hel'])('parseCommandLine() takes %s as a wish for help', (line) => {
  expect(parseCommandLine(SAMPLE, line.split(' '))).toEqual({ kind: 'help' });
});

const NUMBERS = defineCommand({
  name: 'numbers',
  summary: 'Try numbers and words',
  arguments: { pid: { kind: 'pid', help: 'Process' } },
  options: {
    locals: { kind: 'flag', help: 'Variables' },
    depth: {
      kind: 'number',
      short: 'x',
      valueName: 'depth',
      least: 1,
      most: 6,
      all: -1,
      whenAbsent: 2,
      help: 'Levels',
    },
    class: { kind: 'words', short: 'c', valueNames: ['module', 'class'], help: 'Class' },
  },
  examples: [],
  run: async () => 'complete',
});

const NUMBER_LINES: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['-x 3 7', { depth: 3 }],
  ['7 --depth=-1', { depth: -1 }],
  ['-x -1 7', { depth: -1 }],
  ['-c shop.cart Cart 7', { class: ['shop.cart', 'Cart'] }],
  ['--cl shop.cart:Cart 7', { class: ['shop.cart', 'Cart'] }],
  ['7 --class shop.cart Cart', { class: ['shop.cart', 'Cart'] }],
];
test.each(NUMBER_LINES)('parseCommandLine() reads numbers and words of %s', (line, expected) => {
  const parsed = parseCommandLine(NUMBERS, line.split(' '));
  const values = { pid: 7, locals: false, depth: 2, class: undefined, ...expected };
  expect(parsed).toEqual({ kind: 'values', values, noColor: false, verbosity: 0 });
});

const REST = defineCommand({
  name: 'rest',
  summary: 'Try words',
  arguments: { target: { kind: 'target', help: 'Process' }, words: { kind: 'rest', help: 'Words' } },
  options: {},
  examples: [],
  run: async () => 'complete',
});

test.each([
  ['7', { kind: 'process', pid: 7 }, []],
  ['7 a b c', { kind: 'process', pid: 7 }, ['a', 'b', 'c']],
  ['--core core.7 a b', { kind: 'core', path: 'core.7' }, ['a', 'b']],
] as const)('parseCommandLine() gives what is left of %s', (line, target, words) => {
  const parsed = parseCommandLine(REST, line.split(' '));
  expect(parsed).toMatchObject({ kind: 'values', values: { target, words } });
});

test.each([
  ['7 -x 0', 'Cannot use 0 as depth: it must be 1 to 6, or -1 for all; 2 without it'],
  ['7 -x two', 'Cannot use two as depth: it must be 1 to 6, or -1 for all; 2 without it'],
  ['7 -c shop', 'Cannot use shop here: name module and class, with a blank between'],
  ['7 -c shop --locals', 'Cannot use shop here: name module and class, with a blank between'],
])('parseCommandLine() says what is wrong with %s', (line, message) => {
  expect(parseCommandLine(NUMBERS, line.split(' '))).toEqual({ kind: 'usage', message });
});

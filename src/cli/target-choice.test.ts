import { describe, expect, test } from 'vitest';
import { defineCommand } from './command.ts';
import { parseCommandLine } from './grammar.ts';

/** All that a command declares to take a core in the place of a pid. */
const SAMPLE = defineCommand({
  name: 'sample',
  summary: 'Try the grammar',
  arguments: { target: { kind: 'target', help: 'Process' } },
  options: { exhaustive: { kind: 'flag', help: 'Slow' } },
  examples: [],
  run: async () => 'complete',
});

function parse(line: string) {
  const words = line.split(' ').filter((word) => word !== '');
  return parseCommandLine(SAMPLE, words);
}

const CORE = {
  kind: 'core',
  path: 'c',
  executable: undefined,
  libraryPath: undefined,
  libraryRoot: undefined,
};

describe('parseCommandLine() reads the target of', () => {
  test.each([
    ['42', { kind: 'process', pid: 42 }],
    ['0x2a', { kind: 'process', pid: 42 }],
    ['--core c', CORE],
    ['--core=c --executable /p', { ...CORE, executable: '/p' }],
    ['--lib-search-path /a:/b --core c', { ...CORE, libraryPath: ['/a', '/b'] }],
    ['--core c --lib-search-root /r', { ...CORE, libraryRoot: '/r' }],
  ])('%s', (line, target) => {
    expect(parse(line)).toMatchObject({ kind: 'values', values: { target, exhaustive: false } });
  });

  test('no option of cores beside it', () => {
    expect(parse('--core c')).toEqual({
      kind: 'values',
      values: { target: CORE, exhaustive: false },
      noColor: false,
      verbosity: 0,
    });
  });
});

test.each([
  ['', 'Cannot look into nothing: name a process id, or a core file with --core'],
  ['42 --core c', 'Cannot use --core with 42: leave out one of them'],
  ['42 --lib-search-root /r', 'Cannot use --lib-search-root without --core: it belongs to a core file'],
  ['42 --executable /p', 'Cannot use --executable without --core: it belongs to a core file'],
  ['core.42', 'Cannot use core.42 as a process id: it is not a number from 1 to 4194304'],
  [
    '--core c --lib-search-path /a --lib-search-root /b',
    'Cannot use --lib-search-path with --lib-search-root: choose one',
  ],
])('parseCommandLine() refuses the target of %j', (line, message) => {
  expect(parse(line)).toEqual({ kind: 'usage', message });
});

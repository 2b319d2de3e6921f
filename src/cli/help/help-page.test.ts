import { describe, expect, test } from 'vitest';
import { expectGolden } from '../../../test/support/golden.ts';
import { displayWidth } from '../../report/display-width.ts';
import { PLAIN } from '../../report/style.ts';
import { defineCommand } from '../command.ts';
import { loadCommands } from '../commands/index.ts';
import { helpPage } from './help-page.ts';

const FRAME = { programName: 'pyflight', style: PLAIN, columns: 80, isPrompt: false };

const SAMPLE = defineCommand({
  name: 'sample',
  summary: 'Try the help',
  level: 'L1',
  arguments: { target: { kind: 'target', help: 'Process' }, name: { kind: 'word', help: 'Name' } },
  options: {
    noBlock: { kind: 'flag', help: 'No stop' },
    file: { kind: 'text', short: 'f', valueName: 'path', help: 'File' },
    format: { kind: 'choice', choices: ['one', 'two'], help: 'Layout' },
    watch: { kind: 'seconds', whenBare: 2, help: 'Again and again' },
    native: { kind: 'modes', modes: { native: 'C', 'native-all': 'All' }, shorts: { native: 'n' } },
  },
  examples: [
    ['sample 4242 x', 'shows it'],
    ['sample 4242 x || echo none', 'in a script'],
  ],
  run: async () => 'complete',
});

test('helpPage() shows usage, summary with level, examples, arguments and options', () => {
  const [head] = helpPage(SAMPLE, FRAME).split('  --core');
  expect(head).toBe(`├─ USAGE
  ➜ pyflight sample [pid] <name> [options]

├─ SUMMARY
  Try the help.
  Level L1: stops the process for about a millisecond (L0 with --no-block).

├─ EXAMPLES
  ➜ pyflight sample 4242 x
      shows it
  ➜ pyflight sample 4242 x || echo none
      in a script

├─ OPTIONS
  [pid]                            Process
  <name>                           Name
  --no-block                       No stop
  -f, --file <path>                File
  --format <format>                Layout: one, two
  --watch[=seconds]                Again and again (every 2 s without a number)
  -n, --native                     C
  --native-all                     All
`);
});

test('helpPage() leaves out at the prompt what is not typed there', () => {
  const page = helpPage(SAMPLE, { ...FRAME, isPrompt: true });
  expect(page).toContain('  ➜ sample <name> [options]\n');
  expect(page).toContain('  ➜ sample x\n      shows it\n\n');
  expect(page).not.toContain('4242');
});

describe('helpPage() of each command', () => {
  test.each([40, 60, 80])('fits %d columns', async (columns) => {
    for (const command of await loadCommands()) {
      for (const line of helpPage(command, { ...FRAME, columns }).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  test.each([40, 80])('of stack at the prompt, in %d columns', async (columns) => {
    const stack = (await loadCommands()).find(({ name }) => name === 'stack');
    expect(stack).toBeDefined();
    if (stack === undefined) return;
    expectGolden(`help-stack-${columns}.txt`, helpPage(stack, { ...FRAME, columns, isPrompt: true }));
  });
});

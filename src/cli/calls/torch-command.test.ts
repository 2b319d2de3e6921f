import { expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';

test.each([
  ['torch 5010 train'],
  ['torch 5010 memory'],
  ['torch 5010 memory --cpu -s'],
  ['torch 5010 memory --cpu train step'],
  ['torch 5010 memory --cpu --filter cost>1'],
  ['torch 5010 memory -s --for 5s'],
  ['torch 5010 memory -s --lazy'],
  ['torch 5010 memory --cpu -f now.json'],
])('%s is refused', async (line) => {
  const { status, notes } = await runCommandLine(line.split(' '));
  expect(status).toBe(2);
  expect(notes).toMatch(/^error: Cannot /u);
});

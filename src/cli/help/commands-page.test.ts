import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS, loadCommands } from '../commands/index.ts';
import { session } from '../dispatch.ts';
import { commandsPage } from './commands-page.ts';

test('docs/commands.md is what the declarations say; npm run make-docs writes it', async () => {
  const page = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
  expect(page).toBe(commandsPage(await loadCommands(), session));
});

test('COMMANDS has each command under its own name', async () => {
  expect((await loadCommands()).map(({ name }) => name)).toEqual(Object.keys(COMMANDS));
});

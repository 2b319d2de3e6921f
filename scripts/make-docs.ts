/** Writes docs/commands.md from the declarations of the commands. */
import { writeFileSync } from 'node:fs';
import { loadCommands } from '../src/cli/commands/index.ts';
import { commandsPage } from '../src/cli/commands-page.ts';
import { session } from '../src/cli/dispatch.ts';

writeFileSync('docs/commands.md', commandsPage(await loadCommands(), session));

/** Writes docs/commands.md from the declarations of the commands, and every generated page that needs no command. */
import { writeFileSync } from 'node:fs';
import { loadCommands } from '../src/cli/commands/index.ts';
import { session } from '../src/cli/dispatch.ts';
import { commandsPage } from '../src/cli/help/commands-page.ts';
import { GENERATED_PAGES } from './checks/generated-pages.ts';

for (const { path, render } of GENERATED_PAGES) writeFileSync(path, render());
writeFileSync('docs/commands.md', commandsPage(await loadCommands(), session));

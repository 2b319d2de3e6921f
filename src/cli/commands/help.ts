import { BadArgumentError } from '../../base/errors.ts';
import { defineCommand } from '../command.ts';
import { helpOf } from '../grammar.ts';
import { nearestWord } from '../nearest.ts';
import { overviewLines } from '../overview.ts';
import { COMMANDS, loadCommands } from './index.ts';

/** `pyflight help [command]`: what there is, or one command in full. */
export const help = defineCommand({
  name: 'help',
  summary: 'Show all commands, or one in full',
  arguments: { command: { kind: 'optional-word', help: 'Command to explain' } },
  options: {},
  examples: [['help stack', 'all that stack can do']],

  async run({ command }, context) {
    if (command === undefined) {
      context.out(`${[...overviewLines(await loadCommands(), context)].join('\n')}\n`);
      return 'complete';
    }
    const load = COMMANDS[command];
    if (load === undefined) throw unknownCommand(command);
    context.out(helpOf(await load(), context));
    return 'complete';
  },
});

function unknownCommand(typed: string): BadArgumentError {
  const nearest = nearestWord(typed, Object.keys(COMMANDS));
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new BadArgumentError(`Cannot explain ${typed}: there is no such command${hint}`);
}

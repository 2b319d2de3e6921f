import { BadArgumentError } from '../../base/errors.ts';
import { type Command, defineCommand } from '../command.ts';
import { helpOf } from '../grammar.ts';
import { nearestWord } from '../nearest.ts';
import { overviewLines } from '../overview.ts';

/** Makes `pyflight help [command]`, which shows what there is, or one command in full. */
export function makeHelp(commands: Readonly<Record<string, () => Promise<Command>>>): Command {
  return defineCommand({
    name: 'help',
    summary: 'Show all commands, or one in full',
    arguments: { command: { kind: 'optional-word', help: 'Command to explain' } },
    options: {},
    examples: [['help stack', 'all that stack can do']],

    async run({ command }, context) {
      if (command === undefined) {
        const all = await Promise.all(Object.values(commands).map((load) => load()));
        context.out(`${[...overviewLines(all, context)].join('\n')}\n`);
        return 'complete';
      }
      const load = Object.hasOwn(commands, command) ? commands[command] : undefined;
      if (load === undefined) throw unknownCommand(command, Object.keys(commands));
      context.out(helpOf(await load(), context));
      return 'complete';
    },
  });
}

function unknownCommand(typed: string, names: readonly string[]): BadArgumentError {
  const nearest = nearestWord(typed, names);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new BadArgumentError(`Cannot explain ${typed}: there is no such command${hint}`);
}

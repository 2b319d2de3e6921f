import { BadArgumentError } from '../../base/errors.ts';
import { type Command, defineCommand } from '../command.ts';
import { helpToJson } from '../help/help-json.ts';
import { helpFrameOf, helpPage } from '../help/help-page.ts';
import { overviewLines } from '../help/overview.ts';
import { jsonOption, jsonText } from '../json-output.ts';
import { nearestWord } from '../nearest.ts';

/** Makes `pyflight help [command]`, which shows what there is, or one command in full. */
export function makeHelp(commands: Readonly<Record<string, () => Promise<Command>>>): Command {
  return defineCommand({
    name: 'help',
    summary: 'Show all commands, or one in full',
    arguments: { command: { kind: 'optional-word', completes: 'command', help: 'Command to explain' } },
    options: { json: jsonOption('help') },
    examples: [['help stack', 'all that stack can do']],

    async run({ command, json }, context) {
      if (json !== undefined) {
        const document = helpToJson(await chosen(command, commands));
        context.out(jsonText(document, { command: 'help', level: 'L0' }, json, context));
        return 'complete';
      }
      if (command === undefined) {
        const all = await chosen(undefined, commands);
        context.out(`${[...overviewLines(all, helpFrameOf(context))].join('\n')}\n`);
        return 'complete';
      }
      const [found] = await chosen(command, commands);
      if (found !== undefined) context.out(helpPage(found, helpFrameOf(context)));
      return 'complete';
    },
  });
}

/** The command of a name, or all of them. */
async function chosen(
  name: string | undefined,
  commands: Readonly<Record<string, () => Promise<Command>>>,
): Promise<readonly Command[]> {
  if (name === undefined) return await Promise.all(Object.values(commands).map((load) => load()));
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) throw unknownCommand(name, Object.keys(commands));
  return [await load()];
}

function unknownCommand(typed: string, names: readonly string[]): BadArgumentError {
  const nearest = nearestWord(typed, names);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new BadArgumentError(`Cannot explain ${typed}: there is no such command${hint}`);
}

import { argumentTerm, type Command, flagOf, type OptionSpec, optionsOf } from '../command.ts';
import { STATUS_MEANINGS } from '../exit-status.ts';
import { levelSentences } from './help-page.ts';
import { optionRows } from './option-rows.ts';

const PREFACE = `# Commands

Made from the declarations in \`src/cli\` by \`npm run make-docs\`; change those, not this page.

Standard output has what was asked for; warnings and errors go to standard error. Colours appear only on a terminal,
never with \`--no-color\` or a non-empty \`NO_COLOR\`, always with \`FORCE_COLOR\`. Nothing is cut when the output is piped.
Beginnings of long options are understood as long as they are not ambiguous: \`--loc\` is \`--locals\`.

- \`pyflight\` alone shows the Python processes and asks for one; without a terminal it is \`pyflight ps\`.
- \`pyflight <pid>\` opens a [prompt](prompt.md); with options of \`stack\` it is \`pyflight stack <pid>\`.`;

/** Renders docs/commands.md from the declarations. */
export function commandsPage(commands: readonly Command[], session: Command): string {
  const sections = [...commands.map(commandSection), commandSection(session)];
  return `${[PREFACE, ...sections, statusSection()].join('\n\n')}\n`;
}

function commandSection(command: Command): string {
  const specs = Object.entries(optionsOf(command));
  const rows = [
    ...Object.entries(command.arguments).map(([name, spec]) => [code(argumentTerm(name, spec)), spec.help]),
    ...specs.flatMap(([name, spec]) => rowsOfOption(name, spec)),
  ];
  const words = Object.entries(command.arguments).map(([name, spec]) => argumentTerm(name, spec));
  const usage = ['pyflight', command.name, ...words, '[options]'].filter((word) => word !== '');
  const examples = command.examples.map(([line, effect]) => `- \`pyflight ${line}\`: ${effect}`);
  return [
    `## ${command.name === '' ? '&lt;pid&gt;' : command.name}`,
    `${command.summary}: \`${usage.join(' ')}\``,
    ...(command.level === undefined ? [] : [levelParagraph(command)]),
    table(['argument or option', 'meaning'], rows),
    ...(examples.length === 0 ? [] : [examples.join('\n')]),
  ].join('\n\n');
}

function levelParagraph(command: Command): string {
  return levelSentences(command)
    .join(' ')
    .replaceAll(/(?<= )--?[a-z][a-z-]*(?: forceGc)?/g, '`$&`');
}

/** As in help, but for choices, which have room here to show all of them and the usual one. */
function rowsOfOption(name: string, spec: OptionSpec): readonly (readonly string[])[] {
  if (spec.kind === 'choice') {
    const { choices, help } = spec;
    return [[code(`${flagOf(name)} <${choices.join('|')}>`), `${help}; ${choices[0]} without it`]];
  }
  return optionRows(name, spec).map(([flags, meaning]) => [code(flags), meaning]);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table with columns of one width, as the formatter of this repository wants them. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [first, widths.map((width) => '-'.repeat(width)), ...others].map(lineOf).join('\n');
}

function statusSection(): string {
  return [
    '## Exit statuses',
    table(
      ['status', 'meaning'],
      STATUS_MEANINGS.map(([status, meaning]) => [`${status}`, meaning]),
    ),
    [
      'A prompt is left with 0, and with 3 when the process has ended. Of the commands on standard input the status is that of',
      'the first one that failed, 0 if none did. With `| program` or `> file` it is that of the command, or of the program when',
      'the command succeeded; a program that reads no more, as `head`, ends the command, which then counts as a success.',
    ].join('\n'),
    '`remote` has the statuses of PyStack: 0 printed, 1 failed, 2 wrong command line.',
  ].join('\n\n');
}

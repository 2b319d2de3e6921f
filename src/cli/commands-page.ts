import { argumentTerm, type Command, flagOf, type OptionSpec, optionsOf } from './command.ts';
import { STATUS_MEANINGS } from './exit-status.ts';
import { numberBounds } from './grammar.ts';

const PREFACE = `# Commands

Made from the declarations in \`src/cli\` by \`npm run make-docs\`; change those, not this page.

Standard output has what was asked for; warnings and errors go to standard error. Colours appear only on a terminal,
never with \`--no-color\` or a non-empty \`NO_COLOR\`, always with \`FORCE_COLOR\`. Nothing is cut when the output is piped.
Beginnings of long options are understood as long as they are not ambiguous: \`--loc\` is \`--locals\`.

- \`pyflight\` alone shows the Python processes and asks for one; without a terminal it is \`pyflight ps\`.
- \`pyflight <pid>\` with or without options is \`pyflight stack <pid>\`.`;

/** Renders docs/commands.md from the declarations. */
export function commandsPage(commands: readonly Command[], session: Command): string {
  const sections = [...commands.map(commandSection), commandSection(session)];
  return `${[PREFACE, ...sections, statusSection()].join('\n\n')}\n`;
}

function commandSection(command: Command): string {
  const specs = Object.entries(optionsOf(command));
  const rows = [
    ...Object.entries(command.arguments).map(([name, spec]) => [code(argumentTerm(name, spec)), spec.help]),
    ...specs.flatMap(([name, spec]) => rowsOfOption(flagOf(name), spec)),
  ];
  const words = Object.entries(command.arguments).map(([name, spec]) => argumentTerm(name, spec));
  const usage = ['pyflight', command.name, ...words, '[options]'].filter((word) => word !== '');
  const examples = command.examples.map(([line, effect]) => `- \`pyflight ${line}\`: ${effect}`);
  return [
    `## ${command.name === '' ? '&lt;pid&gt; --cmd' : command.name}`,
    `${command.summary}: \`${usage.join(' ')}\``,
    table(['argument or option', 'meaning'], rows),
    examples.join('\n'),
  ].join('\n\n');
}

function rowsOfOption(flag: string, spec: OptionSpec): readonly (readonly string[])[] {
  const short = 'short' in spec && spec.short !== undefined ? `-${spec.short}, ` : '';
  switch (spec.kind) {
    case 'flag':
    case 'count':
      return [[code(`${short}${flag}`), spec.help]];
    case 'text':
      return [[code(`${short}${flag} <${spec.valueName}>`), spec.help]];
    case 'choice':
      return [
        [code(`${short}${flag} <${spec.choices.join('|')}>`), `${spec.help}; ${spec.choices[0]} without it`],
      ];
    case 'number':
      return [[code(`${short}${flag} <${spec.valueName}>`), `${spec.help}; ${numberBounds(spec)}`]];
    case 'words':
      return [[code(`${short}${flag} <${spec.valueNames.join('> <')}>`), spec.help]];
    case 'seconds':
      return [[code(`${flag}[=seconds]`), `${spec.help}; every ${spec.whenBare} s without a number`]];
    case 'modes':
      return Object.entries(spec.modes).map(([mode, help]) => [code(`--${mode}`), help]);
  }
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
    '`remote` has the statuses of PyStack: 0 printed, 1 failed, 2 wrong command line.',
  ].join('\n\n');
}

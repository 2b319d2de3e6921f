import { type ArgumentSpecs, type Command, COMMON_OPTIONS, flagOf, type OptionSpecs } from './command.ts';
import { STATUS_MEANINGS } from './exit-status.ts';

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
  const rows = [
    ...argumentRows(command.arguments),
    ...optionRows(command.options),
    ...optionRows(COMMON_OPTIONS),
  ];
  const words = Object.entries(command.arguments).map(([name, { kind }]) =>
    kind === 'pid' ? `<${name}>` : `[${name}]`,
  );
  const usage = ['pyflight', command.name, ...words, '[options]'].filter((word) => word !== '');
  const examples = command.examples.map(([line, effect]) => `- \`pyflight ${line}\`: ${effect}`);
  return [
    `## ${command.name === '' ? '&lt;pid&gt; --cmd' : command.name}`,
    '',
    `${command.summary}: \`${usage.join(' ')}\``,
    '',
    '| argument or option | meaning |',
    '|---|---|',
    ...rows,
    '',
    ...examples,
  ]
    .join('\n')
    .trimEnd();
}

function argumentRows(specs: ArgumentSpecs): readonly string[] {
  return Object.entries(specs).map(([name, { help }]) => row(`<${name}>`, help));
}

function optionRows(specs: OptionSpecs): readonly string[] {
  return Object.entries(specs).flatMap(([name, spec]) => {
    const flag = flagOf(name);
    const short = 'short' in spec && spec.short !== undefined ? `-${spec.short}, ` : '';
    switch (spec.kind) {
      case 'flag':
      case 'count':
        return [row(`${short}${flag}`, spec.help)];
      case 'text':
        return [row(`${short}${flag} <${spec.valueName}>`, spec.help)];
      case 'choice':
        return [row(`${flag} <${spec.choices.join('|')}>`, `${spec.help}; ${spec.choices[0]} without it`)];
      case 'seconds':
        return [row(`${flag}[=seconds]`, `${spec.help}; every ${spec.whenBare} s without a number`)];
      case 'modes':
        return Object.entries(spec.modes).map(([mode, help]) => row(`--${mode}`, help));
    }
  });
}

function row(term: string, meaning: string): string {
  return `| \`${term.replaceAll('|', '\\|')}\` | ${meaning.replaceAll('|', '\\|')} |`;
}

function statusSection(): string {
  const rows = STATUS_MEANINGS.map(([status, meaning]) => `| ${status} | ${meaning} |`);
  return [
    '## Exit statuses',
    '',
    '| status | meaning |',
    '|---|---|',
    ...rows,
    '',
    '`remote` has the statuses of PyStack: 0 printed, 1 failed, 2 wrong command line.',
  ].join('\n');
}

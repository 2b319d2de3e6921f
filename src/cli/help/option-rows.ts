import { flagOf, type OptionSpec } from '../command.ts';

/** An option that takes a number. */
export type NumberSpec = Extract<OptionSpec, { readonly kind: 'number' }>;

/** An option as it is typed, and what it means; several for one that has several flags. */
export function optionRows(
  name: string,
  spec: OptionSpec,
): readonly (readonly [flags: string, meaning: string])[] {
  return rowsOf(name, spec).map(([flags, meaning]) => [flags, `${meaning}${alsoWords(spec)}`]);
}

function alsoWords({ also = [] }: OptionSpec): string {
  return also.length === 0 ? '' : `; also ${also.join(', ')}`;
}

function rowsOf(name: string, spec: OptionSpec): readonly (readonly [flags: string, meaning: string])[] {
  const flag = flagOf(name);
  const short = shortFlag('short' in spec ? spec.short : undefined);
  switch (spec.kind) {
    case 'flag':
    case 'count':
      return [[`${short}${flag}`, spec.help]];
    case 'text':
      return [[`${short}${flag} <${spec.valueName}>`, spec.help]];
    case 'choice':
      return [[`${short}${flag} <${name}>`, `${spec.help}: ${spec.choices.join(', ')}`]];
    case 'number':
      return [[`${short}${flag} <${spec.valueName}>`, `${spec.help} (${numberBounds(spec)})`]];
    case 'words':
      return [[`${short}${flag} <${spec.valueNames.join('> <')}>`, spec.help]];
    case 'seconds':
      return [[`${flag}[=seconds]`, `${spec.help} (every ${spec.whenBare} s without a number)`]];
    case 'modes':
      return Object.entries(spec.modes).map(([mode, help]) => [
        `${shortFlag(spec.shorts?.[mode])}--${mode}`,
        help,
      ]);
  }
}

function shortFlag(letter: string | undefined): string {
  return letter === undefined ? '' : `-${letter}, `;
}

/** `1 to 6, or -1 for all; 2 without it`. */
export function numberBounds({ least, most, all, whenAbsent }: NumberSpec): string {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  return `${bounds}${all === undefined ? '' : `, or ${all} for all`}; ${whenAbsent} without it`;
}

import { flagOf, type OptionSpec } from './command.ts';

/** An option as it is typed, and what it means; several for one that has several flags. */
export function optionRows(
  name: string,
  spec: OptionSpec,
): readonly (readonly [flags: string, meaning: string])[] {
  const flag = flagOf(name);
  const short = 'short' in spec && spec.short !== undefined ? `-${spec.short}, ` : '';
  switch (spec.kind) {
    case 'flag':
    case 'count':
      return [[`${short}${flag}`, spec.help]];
    case 'text':
      return [[`${short}${flag} <${spec.valueName}>`, spec.help]];
    case 'choice':
      return [[`${flag} <${name}>`, `${spec.help}: ${spec.choices.join(', ')}`]];
    case 'seconds':
      return [[`${flag}[=seconds]`, `${spec.help} (every ${spec.whenBare} s without a number)`]];
    case 'modes':
      return Object.entries(spec.modes).map(([mode, help]) => [`--${mode}`, help]);
  }
}

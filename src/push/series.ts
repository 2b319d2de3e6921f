import { basename } from 'node:path/posix';
import { BadArgumentError } from '../base/errors.ts';

/** What servers take as the name of a label; those with two underscores are theirs. */
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_.]*$/u;

/**
 * Reads labels as they are typed: `env=prod,region=eu`.
 * @throws {BadArgumentError} when one has no name, or one that servers refuse
 */
export function labelsOf(given: string | undefined): ReadonlyMap<string, string> {
  if (given === undefined) return new Map();
  return new Map(
    given.split(',').map((label) => {
      const [name = '', ...value] = label.split('=');
      if (LABEL_NAME.test(name.trim()) && value.join('=').trim() !== '')
        return [name.trim(), value.join('=').trim()];
      throw new BadArgumentError(
        `Cannot use ${label} as a label: write it as name=value, the name of letters, digits and _`,
      );
    }),
  );
}

/** What a program is called, by its command line: `shop` of `python3 -u /srv/shop.py`, `gunicorn` of `python3 -m gunicorn`. */
export function serviceNameOf(commandLine: readonly string[]): string {
  const [command = '', ...words] = commandLine;
  const module = words.indexOf('-m');
  const script = words.find((word) => !word.startsWith('-'));
  const isPython = /^python[\d.]*t?$/u.test(basename(command));
  if (!isPython) return basename(command) || UNKNOWN;
  if (module >= 0 && words.slice(0, module).every((word) => word.startsWith('-')))
    return words[module + 1] ?? UNKNOWN;
  return basename(script ?? command, '.py') || UNKNOWN;
}

const UNKNOWN = 'python';

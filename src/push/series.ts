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

/** What a program is called and found by. */
export interface ServiceNames {
  readonly service: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
}

const SERVICE_NAME = 'service.name';

/**
 * Finds what a program is called by its environment, where OpenTelemetry has it told: `OTEL_SERVICE_NAME=shop`, and
 * `OTEL_RESOURCE_ATTRIBUTES=service.version=2.1,deployment.environment.name=prod`, whose values are percent-encoded. As the specification
 * of its resources wants, all of these are dropped when one of them cannot be read. Those with names that servers refuse are left out.
 */
export function namesInEnvironment(environment: ReadonlyMap<string, string>): ServiceNames {
  const attributes = resourceAttributes(environment.get('OTEL_RESOURCE_ATTRIBUTES') ?? '');
  const service = environment.get('OTEL_SERVICE_NAME') || attributes.get(SERVICE_NAME);
  const labels = new Map([...attributes].filter(([name]) => name !== SERVICE_NAME && LABEL_NAME.test(name)));
  return { service, labels };
}

function resourceAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const [name = '', ...value] = pair.split('=');
    const decoded = decodedValue(value.join('='));
    if (name.trim() === '' || decoded === undefined) return new Map();
    if (decoded !== '') attributes.set(name.trim(), decoded);
  }
  return attributes;
}

function decodedValue(value: string): string | undefined {
  try {
    return decodeURIComponent(value.trim());
  } catch {
    return undefined;
  }
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

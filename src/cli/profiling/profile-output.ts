import type { FormatOptions, OutputFile, ProfileFormat, ProfileView } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { OptionSpecs } from '../command.ts';
import type { Context } from '../context.ts';

/** The options about the file that a profile is written to. */
export const OUTPUT_OPTIONS = {
  filepath: {
    kind: 'text',
    short: 'f',
    valueName: 'file',
    completes: 'file',
    help: 'Where to write it (flamegraph.svg); - is standard output',
  },
  format: { kind: 'text', valueName: 'name', help: 'Another format than that of the ending of the file' },
} as const satisfies OptionSpecs;

/** Where a profile goes when nobody says where. */
export const USUAL_FILE = 'flamegraph.svg';

const STANDARD_OUTPUT = '-';

/** Opens the file that a profile goes to; `undefined` when it goes to standard output, or none is wanted. */
export async function openOutput(
  file: string | undefined,
  { api }: Context,
): Promise<OutputFile | undefined> {
  return file === undefined || file === STANDARD_OUTPUT ? undefined : await api.openOutputFile(file);
}

/** Writes a profile to its file, or to standard output. */
export function writeParts(
  parts: Iterable<string | Uint8Array>,
  file: Pick<OutputFile, 'write'> | undefined,
  { out }: Context,
): void {
  if (file !== undefined) file.write(parts);
  else for (const part of parts) out(part);
}

/** Says where it is, unless it was printed. */
export function tellWritten(file: string, { note }: Context): void {
  if (file !== STANDARD_OUTPUT) note(`written to ${escapeForTerminal(file)}`);
}

/** Reads the profile that another one is to be compared with, and shows of it what is shown of the other. */
export async function baselineOf(
  path: string | undefined,
  view: ProfileView,
  format: ProfileFormat | undefined,
  { api }: Context,
): Promise<Pick<FormatOptions, 'baseline'>> {
  if (path === undefined || format === undefined) return {};
  if (format.comparesProfiles !== true)
    throw new BadArgumentError(`Cannot compare profiles as ${format.name}: --baseline is for svg and html`);
  if (view.byThread === true)
    throw new BadArgumentError('Cannot compare the threads of two processes: leave --threads out');
  const { readProfile, viewProfile } = await api.profiles();
  return { baseline: viewProfile(readProfile(path).profile, view) };
}

import type { OutputFile, Profile, ProfileView, Sampling, SamplingOptions } from '../api/index.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { formatCount } from '../base/quantities.ts';
import { profileAccountLines } from '../report/profile-account.ts';
import { profileToJson } from '../report/profile-json.ts';
import type { Context } from './context.ts';
import { endAtInterrupt } from './ending.ts';
import type { Outcome } from './exit-status.ts';
import { type JsonMode, jsonText } from './json-output.ts';
import { VERSION } from './version.ts';

/** How often the line about the progress is written anew. */
const PROGRESS_MS = 200;

/** What a command that records a profile was asked. */
export interface ProfileWish {
  readonly command: string;
  readonly pid: number;
  readonly options: SamplingOptions;
  readonly view: ProfileView;
  /** Where it goes to; `-` is standard output. */
  readonly file: string;
  /** Its name; that of the file's ending when left out. */
  readonly format: string | undefined;
  readonly json: JsonMode | undefined;
  /** A `.pyflight` file to compare with. */
  readonly baseline: string | undefined;
  /** It was started for this, so that its end is that of the profile. */
  readonly isStarted?: boolean;
}

/** Samples a process, writes the profile to a file and says how it came about. */
export async function recordProfile(wish: ProfileWish, context: Context): Promise<Outcome> {
  const { api } = context;
  const { pid, options, file } = wish;
  const { findFormat, viewProfile, readProfile } = await api.profiles();
  // What is wrong with the wish is found before the process is looked at for minutes.
  const format = findFormat(wish.format ?? file);
  const baseline = wish.baseline === undefined ? undefined : readProfile(wish.baseline).profile;
  using output = file === '-' ? undefined : await api.openOutputFile(file);
  using inspection = await api.attach(pid, { native: false, exhaustive: options.exhaustive === true });
  if (options.durationSeconds === undefined && wish.isStarted !== true)
    context.note('press Control-C to end');
  const profile = await takeProfile(await api.startSampling(pid, options), options, context);
  const parts = format.write(viewProfile(profile, wish.view), {
    producer: PRODUCER,
    sourceOf: (name) => inspection.sourceOf(name),
    ...(baseline === undefined ? {} : { baseline: viewProfile(baseline, wish.view) }),
  });
  writeParts(parts, output, context);
  tell(wish, profile, context);
  return profile.account.samples === 0 ? 'no-match' : 'complete';
}

/** Who wrote a profile. */
export const PRODUCER = `pyflight ${VERSION}`;

/** Writes a profile to its file, or to standard output. */
export function writeParts(
  parts: Iterable<string | Uint8Array>,
  file: Pick<OutputFile, 'write'> | undefined,
  { out }: Context,
): void {
  if (file !== undefined) file.write(parts);
  else for (const part of parts) out(String(part));
}

/** Lets sampling go on until it ends or somebody ends it, and shows meanwhile how it goes. */
export async function takeProfile(
  sampling: Sampling,
  { durationSeconds }: SamplingOptions,
  context: Context,
): Promise<Profile> {
  const release = endAtInterrupt(context, () => sampling.stop());
  const { status } = context;
  const timer =
    status && setInterval(() => status.show(progressLine(sampling, durationSeconds)), PROGRESS_MS);
  try {
    return await sampling.ended;
  } finally {
    clearInterval(timer);
    status?.show('');
    release();
  }
}

function progressLine({ progress }: Sampling, durationSeconds: number | undefined): string {
  const { sweeps, samples, torn, unreadable, elapsedNs } = progress;
  const seconds = elapsedNs / 1e9;
  const rate = seconds === 0 ? 0 : Math.round(sweeps / seconds);
  const of = durationSeconds === undefined ? '' : ` of ${durationSeconds} s`;
  const lost = torn + unreadable;
  return [
    `${seconds.toFixed(1)} s${of}`,
    `${formatCount(samples)} samples`,
    `${formatCount(rate)} Hz`,
    ...(lost === 0 ? [] : [`${formatCount(lost)} lost`]),
  ].join(' · ');
}

function tell({ command, pid, file, json }: ProfileWish, profile: Profile, context: Context): void {
  const { account } = profile;
  for (const line of profileAccountLines(account, context.style, context.status?.columns)) context.note(line);
  if (account.samples === 0) context.note('No thread was seen doing that: try --idle, or a longer -d.');
  if (file !== '-') context.note(`written to ${escapeForTerminal(file)}`);
  if (json !== undefined)
    context.out(jsonText(profileToJson(profile, file), { command, level: 'L0', pid }, json, context));
}

import type {
  FormatOptions,
  Inspection,
  LivePage,
  LivePageOptions,
  OutputFile,
  Profile,
  ProfileView,
  Sampling,
  SamplingOptions,
  WindowGatherer,
} from '../api/index.ts';
import { BadArgumentError } from '../base/errors.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { formatCount } from '../base/quantities.ts';
import { profileAccountLines } from '../report/profile-account.ts';
import { profileToJson } from '../report/profile-json.ts';
import type { Context } from './context.ts';
import { endAtInterrupt } from './ending.ts';
import type { Outcome } from './exit-status.ts';
import { followWindows, type WindowFollower } from './followed-windows.ts';
import { type JsonMode, jsonText } from './json-output.ts';
import type { PushWish } from './push-options.ts';
import { PushedWindows } from './pushed-windows.ts';
import { PRODUCER } from './version.ts';

/** How often the line about the progress is written anew. */
const PROGRESS_MS = 200;

/** What a command that records a profile was asked. */
export interface ProfileWish {
  readonly command: string;
  readonly pid: number;
  readonly options: SamplingOptions;
  readonly view: ProfileView;
  /** Where it goes to; `-` is standard output, and none is wanted without it. */
  readonly file: string | undefined;
  /** Its name; that of the file's ending when left out. */
  readonly format: string | undefined;
  readonly json: JsonMode | undefined;
  /** A `.pyflight` file to compare with. */
  readonly baseline: string | undefined;
  /** A server that is sent what is found meanwhile. */
  readonly push: PushWish | undefined;
  /** Where its page is shown meanwhile; 0 is any port. */
  readonly servePort: number | undefined;
  /** It was started for this, so that its end is that of the profile. */
  readonly isStarted?: boolean;
}

/** Samples a process, writes the profile to a file, shows it or sends it to a server, and says how it came about. */
export async function recordProfile(wish: ProfileWish, context: Context): Promise<Outcome> {
  const { api } = context;
  const { pid, options, view, file } = wish;
  // What is wrong with the wish is found before the process is looked at for minutes.
  const { viewProfile, WindowGatherer } = await api.profiles();
  const format = await formatOf(wish, context);
  using output = file === undefined || file === '-' ? undefined : await api.openOutputFile(file);
  using inspection = await api.attach(pid, { native: false, exhaustive: options.exhaustive === true });
  const written = {
    ...(await baselineOf(wish, context)),
    producer: PRODUCER,
    sourceOf: sourcesOf(inspection),
  };
  const { commandLine } = inspection.facts;
  const pushed = wish.push && (await PushedWindows.open(wish.push, { commandLine, view }, context));
  const gatherer = new WindowGatherer();
  using page = await openPage(wish, { profile: () => gatherer.profile, view, format: written }, context);
  noteHowItEnds(wish, context);
  const isKept = file !== undefined || wish.json !== undefined || page !== undefined;
  const sampling = await api.startSampling(
    pid,
    isKept ? options : { ...options, mostTableRows: MOST_TABLE_ROWS },
  );
  const isFollowed = pushed !== undefined || page !== undefined;
  const follower = isFollowed ? followerOf(pushed, isKept ? gatherer : undefined) : undefined;
  const last = await takeProfile(sampling, options, context, follower);
  const profile = gatherer.profile ?? last;
  if (format !== undefined) writeParts(format.write(viewProfile(profile, view), written), output, context);
  tell(wish, profile, context);
  const outcome = (await pushed?.finish()) ?? 'complete';
  return profile.account.samples === 0 ? 'no-match' : outcome;
}

function noteHowItEnds({ options, isStarted }: ProfileWish, { note }: Context): void {
  if (options.durationSeconds === undefined && isStarted !== true) note('press Control-C to end');
}

/** Windows of which none is kept may be taken for days: more rows than that, some 30 MB, are forgotten. */
const MOST_TABLE_ROWS = 200_000;

/** How often a page has something new. */
const SHOWN_EVERY_MS = 2000;

/** How the file is to be written; `undefined` when none is wanted. */
async function formatOf({ file, format: name, baseline }: ProfileWish, { api }: Context) {
  if (file !== undefined) return (await api.profiles()).findFormat(name ?? file);
  if ((name ?? baseline) === undefined) return undefined;
  throw new BadArgumentError(
    'Cannot use --format or --baseline without -f: with --push no file is written else',
  );
}

async function baselineOf(
  { baseline, view }: ProfileWish,
  { api }: Context,
): Promise<Pick<FormatOptions, 'baseline'>> {
  if (baseline === undefined) return {};
  const { readProfile, viewProfile } = await api.profiles();
  return { baseline: viewProfile(readProfile(baseline).profile, view) };
}

function sourcesOf(inspection: Inspection): (name: string) => readonly string[] | undefined {
  return (name) => inspection.sourceOf(name);
}

async function openPage(
  { servePort: port }: ProfileWish,
  options: Omit<LivePageOptions, 'port'>,
  { api, note }: Context,
): Promise<LivePage | undefined> {
  if (port === undefined) return undefined;
  const page = await api.servePage({ port, ...options });
  note(`live page: ${page.url}`);
  return page;
}

function followerOf(pushed: PushedWindows | undefined, gatherer: WindowGatherer | undefined): WindowFollower {
  return {
    everyMs: pushed?.everyMs ?? SHOWN_EVERY_MS,
    take: (window) => {
      gatherer?.add(window);
      pushed?.take(window);
    },
    state: () => pushed?.state() ?? [],
  };
}

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
  follower?: WindowFollower,
): Promise<Profile> {
  const release = endAtInterrupt(context, () => sampling.stop());
  const { status } = context;
  const show = (): void => status?.show(progressLine(sampling, durationSeconds, follower?.state()));
  const timer = status && setInterval(show, PROGRESS_MS);
  try {
    return await (follower === undefined ? sampling.ended : followWindows(sampling, follower));
  } finally {
    clearInterval(timer);
    status?.show('');
    release();
  }
}

function progressLine(
  { progress }: Sampling,
  durationSeconds: number | undefined,
  more: readonly string[] = [],
): string {
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
    ...more,
  ].join(' · ');
}

function tell({ command, pid, file, json }: ProfileWish, profile: Profile, context: Context): void {
  const { account } = profile;
  for (const line of profileAccountLines(account, context.style, context.status?.columns)) context.note(line);
  if (account.samples === 0) context.note('No thread was seen doing that: try --idle, or a longer -d.');
  if (file !== undefined && file !== '-') context.note(`written to ${escapeForTerminal(file)}`);
  if (json !== undefined)
    context.out(jsonText(profileToJson(profile, file), { command, level: 'L0', pid }, json, context));
}

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
import { BadArgumentError, InspectorError } from '../base/errors.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { mayBeTooEarly } from '../base/may-be-too-early.ts';
import { formatCount } from '../base/quantities.ts';
import { profileAccountLines } from '../report/profile-account.ts';
import { profileToJson } from '../report/profile-json.ts';
import type { Level } from './command.ts';
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
export interface ProfileWish extends SampledRoot {
  readonly command: string;
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
}

/** Samples a process, writes the profile to a file, shows it or sends it to a server, and says how it came about. */
export async function recordProfile(wish: ProfileWish, context: Context): Promise<Outcome> {
  const { api } = context;
  const { pid, view, file } = wish;
  // What is wrong with the wish is found before the process is looked at for minutes.
  const { viewProfile } = await api.profiles();
  const format = await formatOf(wish, context);
  using output = file === undefined || file === '-' ? undefined : await api.openOutputFile(file);
  using early = await attachIfThere(wish, context);
  const written = { ...(await baselineOf(wish, context)), producer: PRODUCER, sourceOf: sourcesOf(early) };
  const commandLine = early?.facts.commandLine ?? [];
  const pushed = wish.push && (await PushedWindows.open(wish.push, { commandLine, view }, context));
  const profile = await takeFollowed(wish, { pushed, format: written }, context);
  if (format !== undefined) {
    using late = early === undefined ? await attachAfterwards(pid, context) : undefined;
    const sources = late === undefined ? written : { ...written, sourceOf: sourcesOf(late) };
    writeParts(format.write(viewProfile(profile, view, format), sources), output, context);
  }
  tell(wish, profile, context);
  const outcome = (await pushed?.finish()) ?? 'complete';
  return profile.account.samples === 0 ? 'no-match' : outcome;
}

/** What follows a recording while it goes on. */
interface Followers {
  readonly pushed: PushedWindows | undefined;
  /** How the page that shows it is written. */
  readonly format: FormatOptions;
}

/** Samples a process to the end, and lets a server and a page know meanwhile what is found. */
async function takeFollowed(
  wish: ProfileWish,
  { pushed, format }: Followers,
  context: Context,
): Promise<Profile> {
  const { options, view, file, json } = wish;
  const { WindowGatherer } = await context.api.profiles();
  const gatherer = new WindowGatherer();
  using page = await openPage(wish, { profile: () => gatherer.profile, view, format }, context);
  noteHowItEnds(wish, context);
  const isKept = file !== undefined || json !== undefined || page !== undefined;
  const sampling = await startSampled(wish, isKept ? undefined : MOST_TABLE_ROWS, context);
  const isFollowed = pushed !== undefined || page !== undefined;
  const follower = isFollowed ? followerOf(pushed, isKept ? gatherer : undefined) : undefined;
  const last = await takeProfile(sampling, options, context, follower);
  return gatherer.profile ?? last;
}

/** What is known of a process before it is sampled. */
export interface SampledRoot {
  readonly pid: number;
  readonly options: SamplingOptions;
  /** It was started for this, so that its end is that of the profile. */
  readonly isStarted?: boolean;
}

/** What is done to a process for its samples. */
export function levelOfSampling({ blocking, native }: SamplingOptions): Level {
  return blocking === true || native === true ? 'L1' : 'L0';
}

/** Begins to sample a process, after it was made sure that it can be looked at. */
export async function beginSampling(root: SampledRoot, context: Context): Promise<Sampling> {
  (await attachIfThere(root, context))?.[Symbol.dispose]();
  return await startSampled(root, undefined, context);
}

/**
 * Attaches to a process that is to be sampled; `undefined` when it is too early to: in one that was just started there may be no
 * Python yet, and a shell may start what is to be sampled.
 */
async function attachIfThere(
  { pid, options, isStarted = false }: SampledRoot,
  { api }: Context,
): Promise<Inspection | undefined> {
  const { exhaustive = false, subprocesses = false, blocking = false, native = false } = options;
  try {
    const inspection = await api.attach(pid, { native: false, exhaustive });
    if (blocking || native) inspection.checkStoppable();
    return inspection;
  } catch (error) {
    if (!(isStarted || subprocesses) || !mayBeTooEarly(error)) throw error;
    return undefined;
  }
}

async function startSampled(
  { pid, options, isStarted = false }: SampledRoot,
  mostTableRows: number | undefined,
  { api }: Context,
): Promise<Sampling> {
  const bound = mostTableRows === undefined ? {} : { mostTableRows };
  return await api.startSampling(pid, { ...options, ...bound, threadMayCome: isStarted });
}

/** Attaches to a process for its source files; `undefined` when it is gone. */
async function attachAfterwards(pid: number, { api }: Context): Promise<Inspection | undefined> {
  try {
    return await api.attach(pid, { native: false });
  } catch (error) {
    if (error instanceof InspectorError) return undefined;
    throw error;
  }
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

function sourcesOf(inspection: Inspection | undefined): (name: string) => readonly string[] | undefined {
  return (name) => inspection?.sourceOf(name);
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

function tell({ command, pid, options, file, json }: ProfileWish, profile: Profile, context: Context): void {
  const { account } = profile;
  for (const line of profileAccountLines(account, context.style, context.status?.columns)) context.note(line);
  if (account.samples === 0) context.note('No thread was seen doing that: try --idle, or a longer -d.');
  if (file !== undefined && file !== '-') context.note(`written to ${escapeForTerminal(file)}`);
  if (json !== undefined)
    context.out(
      jsonText(
        profileToJson(profile, file),
        { command, level: levelOfSampling(options), pid },
        json,
        context,
      ),
    );
}

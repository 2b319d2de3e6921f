import type {
  FormatOptions,
  Inspection,
  LivePage,
  LivePageOptions,
  Profile,
  ProfileView,
  WindowGatherer,
} from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { profileAccountLines } from '../../report/profile-account.ts';
import { profileToJson } from '../../report/profile-json.ts';
import { unusedGilRemark } from '../../report/unused-gil.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import { PRODUCER } from '../version.ts';
import type { WindowFollower } from './followed-windows.ts';
import { baselineOf, openOutput, tellWritten, writeParts } from './profile-output.ts';
import type { PushWish } from './push-options.ts';
import { type PushEnd, PushedWindows } from './pushed-windows.ts';
import {
  attachAfterwards,
  attachIfThere,
  levelOfSampling,
  type SampledRoot,
  startSampled,
} from './sampled-root.ts';
import { takeProfile } from './taken-profile.ts';

/** What a command that records a profile was asked. */
export interface RecordingWish extends SampledRoot {
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
export async function recordProfile(wish: RecordingWish, context: Context): Promise<Outcome> {
  const { api } = context;
  const { pid, view, file, baseline } = wish;
  // What is wrong with the wish is found before the process is looked at for minutes.
  const { profileParts } = await api.profiles();
  const format = await formatOf(wish, context);
  const compared = await baselineOf(baseline, view, format, context);
  using output = await openOutput(file, context);
  using early = await attachIfThere(wish, context);
  const written = { ...compared, producer: PRODUCER, sourceOf: sourcesOf(early) };
  const commandLine = early?.facts.commandLine ?? [];
  const pushed = wish.push && (await PushedWindows.open(wish.push, { pid, commandLine, view }, context));
  const profile = await takeFollowed(wish, { pushed, format: written }, context);
  if (format !== undefined) {
    using late = early === undefined ? await attachAfterwards(pid, context) : undefined;
    const sources = late === undefined ? written : { ...written, sourceOf: sourcesOf(late) };
    writeParts(profileParts(profile, view, format, sources), output, context);
  }
  tell(wish, profile, context);
  const push = await pushed?.finish();
  printJson(wish, { profile, push }, context);
  if (profile.account.samples === 0) return 'no-match';
  return push !== undefined && push.counts.dropped + push.counts.refused > 0 ? 'partial' : 'complete';
}

/** What follows a recording while it goes on. */
interface Followers {
  readonly pushed: PushedWindows | undefined;
  /** How the page that shows it is written. */
  readonly format: FormatOptions;
}

/** Samples a process to the end, and lets a server and a page know meanwhile what is found. */
async function takeFollowed(
  wish: RecordingWish,
  { pushed, format }: Followers,
  context: Context,
): Promise<Profile> {
  const { options, view, file, json } = wish;
  const { WindowGatherer } = await context.api.profiles();
  const gatherer = new WindowGatherer();
  using page = await openPage(wish, { profile: () => gatherer.profile, view, format }, context);
  const isKept = file !== undefined || json !== undefined || page !== undefined;
  const sampling = await startSampled(
    isKept ? wish : { ...wish, options: { ...options, ...FORGETFUL } },
    context,
  );
  noteHowItEnds(wish, context);
  const isFollowed = pushed !== undefined || page !== undefined;
  const follower = isFollowed ? followerOf(pushed, isKept ? gatherer : undefined) : undefined;
  const last = await takeProfile(sampling, options, context, follower);
  return gatherer.profile ?? last;
}

function noteHowItEnds({ options, isStarted }: RecordingWish, { note }: Context): void {
  if (options.durationSeconds === undefined && isStarted !== true) note('press Control-C to end');
}

/** Windows of which none is kept may be taken for days: more rows than that, some 30 MB, are forgotten. */
const FORGETFUL = { mostTableRows: 200_000, forgetsEnded: true } as const;

/** How often a page has something new. */
const SHOWN_EVERY_MS = 2000;

/** How the file is to be written; `undefined` when none is wanted. */
async function formatOf({ file, format: name, baseline }: RecordingWish, { api }: Context) {
  if (file !== undefined) return (await api.profiles()).findFormat(name ?? file);
  if ((name ?? baseline) === undefined) return undefined;
  throw new BadArgumentError(
    'Cannot use --format or --baseline without -f: with --push no file is written else',
  );
}

function sourcesOf(inspection: Inspection | undefined): (name: string) => readonly string[] | undefined {
  return (name) => inspection?.sourceOf(name);
}

async function openPage(
  { servePort: port }: RecordingWish,
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

function tell({ file }: RecordingWish, profile: Profile, context: Context): void {
  const { account } = profile;
  for (const line of profileAccountLines(account, context.style, context.status?.columns)) context.note(line);
  if (account.samples === 0)
    context.note(unusedGilRemark(profile) ?? 'No thread was seen doing that: try --idle, or a longer -d.');
  if (file !== undefined) tellWritten(file, context);
}

function printJson(
  { command, pid, options, file, json }: RecordingWish,
  { profile, push }: { readonly profile: Profile; readonly push: PushEnd | undefined },
  context: Context,
): void {
  if (json === undefined) return;
  const document = profileToJson(profile, { file, push });
  context.out(jsonText(document, { command, level: levelOfSampling(options), pid }, json, context));
}

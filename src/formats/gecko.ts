import { escapeForTerminal } from '../base/escaping.ts';
import { accountLines } from '../profile/account-summary.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { type FrameOrigin, originOf } from '../profile/frame-origin.ts';
import type { Profile, ProfiledThread } from '../profile/profile.ts';
import { type Sample, SampleState, samplesOf } from '../profile/sample-table.ts';
import { ThreadSamples } from '../profile/thread-samples.ts';
import { threadName } from '../profile/thread-title.ts';
import { type FormatOptions, type ProfileFormat, titleOf } from './format.ts';
import { stateMarkers } from './gecko-markers.ts';
import { GeckoTables } from './gecko-tables.ts';
import { jsonList } from './json-list.ts';

/**
 * The version of the "processed profile format" that is written, which every later Firefox Profiler upgrades step by step:
 * docs-developer/CHANGELOG-formats.md and src/types/profile.js of firefox-devtools/profiler.
 */
const PROCESSED_VERSION = 48;
const GECKO_VERSION = 30;

/** The page becomes slow beyond this: looks in a row are then written together. */
const MOST_SAMPLES = 1_000_000;

/** A table of the categories is in every profile; the one that is grey is the default and must be there. */
const CATEGORIES: Readonly<Record<FrameOrigin, { readonly name: string; readonly color: string }>> = {
  own: { name: 'Own code', color: 'orange' },
  package: { name: 'Packages', color: 'blue' },
  standard: { name: 'Standard library', color: 'green' },
  native: { name: 'Native', color: 'purple' },
  other: { name: 'Other', color: 'grey' },
};
const ORIGINS = Object.keys(CATEGORIES);

/** For the Firefox Profiler: threads, samples, and markers for the garbage collector and the GIL. */
export const gecko: ProfileFormat = {
  name: 'gecko',
  aliases: ['firefox'],
  endings: ['.gecko.json', '.gecko', '.firefox.json'],
  summary: 'for profiler.firefox.com: threads, samples, markers for GC and GIL',
  write,
};

function* write(profile: Profile, options: FormatOptions): Generator<string> {
  yield `{"meta":${JSON.stringify(metaOf(profile, options))},"libs":[],"pages":[],"threads":`;
  yield* jsonList(threadParts(profile));
  yield '}\n';
}

function metaOf(profile: Profile, options: FormatOptions): object {
  const { account } = profile;
  return {
    interval: 1000 / account.rateHz,
    startTime: account.startedAt,
    processType: 0,
    product: titleOf(profile, options),
    importedFrom: options.producer,
    stackwalk: 1,
    debug: false,
    toolkit: '',
    platform: 'Linux',
    symbolicated: true,
    version: GECKO_VERSION,
    preprocessedProfileVersion: PROCESSED_VERSION,
    categories: Object.values(CATEGORIES).map((category) => ({ ...category, subcategories: ['Other'] })),
    markerSchema: [],
    extensions: { length: 0, baseURL: [], id: [], name: [] },
    sampleUnits: { time: 'ms', eventDelay: 'ms', threadCPUDelta: 'ns' },
    usesOnlyOneStackType: true,
    doesNotUseFrameImplementation: true,
    sourceCodeIsNotOnSearchfox: true,
    extra: [
      {
        label: 'Sampling',
        entries: accountLines(account).map(({ subject, state }) => ({
          label: subject,
          format: 'string',
          value: state,
        })),
      },
    ],
  };
}

function* threadParts(profile: Profile): Generator<string> {
  const samples = new ThreadSamples(profile);
  const labels = new FrameLabels(profile);
  const step = looksTogether(profile);
  for (const [index, thread] of profile.threads.entries()) {
    const tables = new GeckoTables(profile, labels, (frame) => ORIGINS.indexOf(originOf(frame)));
    const sampleTable = samplesMember(samples.of(index), tables, step);
    if (sampleTable.length === 0) continue;
    const markers = stateMarkers(samples.of(index), tables, ORIGINS.indexOf('other'));
    yield JSON.stringify({
      ...threadMember(profile, thread, index),
      samples: sampleTable,
      markers,
      ...tables.members,
    });
  }
}

function threadMember({ processes }: Profile, thread: ProfiledThread, index: number): object {
  const process = processes[thread.process];
  const name = threadName(thread, thread.osThreadId ?? '?');
  return {
    name: escapeForTerminal(name),
    isMainThread: thread.isMainThread,
    processType: 'default',
    processName: escapeForTerminal(process?.commandLine.join(' ') ?? ''),
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    pid: `${process?.pid ?? 0}`,
    // One without an id has the negative of its place, which no other has.
    tid: thread.osThreadId ?? thread.pthreadId ?? -1 - index,
  };
}

function looksTogether({ samples }: Profile): number {
  let looks = 0;
  for (const sample of samplesOf(samples)) looks += sample.looks;
  return Math.max(1, Math.ceil(looks / MOST_SAMPLES));
}

/** A sample for each look, or for a few in a row: the graph of the page is drawn by their times. */
function samplesMember(samples: Iterable<Sample>, tables: GeckoTables, step: number) {
  const stack: (number | null)[] = [];
  const time: number[] = [];
  const weight: number[] = [];
  const threadCPUDelta: number[] = [];
  for (const sample of samples) {
    const ns = sample.weightNs / sample.looks;
    for (let look = 0; look < sample.looks; look += step) {
      const looks = Math.min(step, sample.looks - look);
      stack.push(tables.stackIndex(sample.stack));
      time.push((sample.startNs + ns * look) / 1e6);
      weight.push(looks);
      threadCPUDelta.push((sample.state & SampleState.onCpu) === 0 ? 0 : Math.round(ns * looks));
    }
  }
  return { length: stack.length, stack, time, weight, weightType: 'samples', threadCPUDelta };
}

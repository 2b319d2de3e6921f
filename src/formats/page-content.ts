import { accountLines, accountSentence } from '../profile/account-summary.ts';
import { functionOf } from '../profile/by-function.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { originOf } from '../profile/frame-origin.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { Profile, ProfileFrame } from '../profile/profile.ts';
import { withoutRareStacks } from '../profile/rare-stacks.ts';
import { titleAmong } from '../profile/root-frames.ts';
import { hotFiles } from '../profile/source-heat.ts';
import { ThreadSamples } from '../profile/thread-samples.ts';
import { type ThreadRow, threadRows } from '../profile/thread-table.ts';
import { weightsByThread } from '../profile/thread-weights.ts';
import { threadSpans } from '../profile/time-spans.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import { type FormatOptions, titleOf } from './format.ts';
import type { PageData, PageFrame, PageThread } from './page-model/page-data.ts';
import { shownLines } from './shown-lines.ts';

/** What a lane of the timeline is divided into: more than there are pixels for would be lost. */
const SPANS = 800;
/** Files whose lines are in the page, and lines around those that were seen. */
const MOST_FILES = 12;
const AROUND = 3;

/** What was seen less than this part of all looks is counted with its callers, so that the page has an end. */
const RAREST = 1 / 50_000;

/** What the page of a profile shows, as data. */
export function pageContent(whole: Profile, options: FormatOptions): PageData {
  const profile = withoutRarest(whole);
  const { account, stacks } = profile;
  const labels = new FrameLabels(profile);
  return {
    title: titleOf(profile, options),
    producer: options.producer,
    sentence: accountSentence(account),
    account: pageAccount(whole),
    durationNs: account.durationNs,
    frames: pageFrames(profile, labels),
    parents: [...stacks.parents.subarray(0, stacks.count)],
    stackFrames: [...stacks.frames.subarray(0, stacks.count)],
    threads: pageThreads(profile),
    sources: pageSources(profile, labels, options),
  };
}

/** The profile without what was seen so seldom that a page of it would have no end. */
export function withoutRarest(profile: Profile): Profile {
  return withoutRareStacks(profile, leastLooks(profile));
}

/** What is said of the profile: how it came about, and what the page has not. */
export function pageAccount(profile: Profile): PageData['account'] {
  const least = leastLooks(profile);
  const state =
    least < 2 ? 'nothing' : `stacks of fewer than ${least} samples are counted with their callers`;
  return [...accountLines(profile.account), { subject: 'left out', state }];
}

function leastLooks({ account }: Profile): number {
  return Math.max(1, Math.ceil(account.samples * RAREST));
}

/** The frames of the profile, and after them the functions that they are lines of. */
function pageFrames({ frames }: Profile, labels: FrameLabels): readonly PageFrame[] {
  const table = new FrameTable();
  for (const frame of frames) table.indexOf(frame);
  const functions = frames.map((frame) => table.indexOf(functionOf(frame)));
  return table.frames.map((frame, index) => pageFrame(frame, labels, functions[index] ?? index));
}

/** A frame as a page knows it, with the index of the function that it is a line of. */
export function pageFrame(frame: ProfileFrame, labels: FrameLabels, ofFunction: number): PageFrame {
  return {
    name: labels.name(frame),
    place: labels.place(frame),
    file: labels.path(frame),
    line: frame.line,
    origin: originOf(frame),
    function: ofFunction,
  };
}

function pageThreads(profile: Profile): readonly PageThread[] {
  const weights = weightsByThread(profile);
  const samples = new ThreadSamples(profile);
  return [...threadRows(profile)]
    .sort((one, other) => other.onCpuNs - one.onCpuNs || other.looks - one.looks)
    .map((row) => ({
      ...threadMember(row, profile),
      weights: [...(weights[row.index] ?? [])].flatMap(([stack, { looks, ns }]) => [
        stack,
        looks,
        Math.round(ns),
      ]),
      ...threadSpans(samples.of(row.index), profile.account.durationNs, SPANS),
    }));
}

function threadMember({ thread, looks, ns, ...states }: ThreadRow, profile: Profile) {
  const part = (time: number): number => (ns === 0 ? 0 : Number((time / ns).toFixed(4)));
  return {
    name: titleAmong(profile, thread),
    looks,
    onCpu: part(states.onCpuNs),
    holdsGil: part(states.holdsGilNs),
    waitsForGil: part(states.waitsForGilNs),
  };
}

function pageSources(
  profile: Profile,
  labels: FrameLabels,
  { sourceOf }: FormatOptions,
): PageData['sources'] {
  return hotFiles(new WeightedTree(profile))
    .slice(0, MOST_FILES)
    .map((hot) => ({
      file: hot.file,
      name: labels.file({ kind: 'python', name: '', file: hot.file, firstLine: 0, line: 0 }),
      lines: shownLines(hot, sourceOf?.(hot.file), AROUND).map(
        ({ line, own, total, text }) => [line, own, total, text] as const,
      ),
    }));
}

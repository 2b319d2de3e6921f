import { differenceOf } from '../profile/difference.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile } from '../profile/profile.ts';
import type { WeightedTree } from '../profile/weighted-tree.ts';
import { differenceSentence, differenceTitle } from './difference-drawing.ts';
import { type FormatOptions, titleOf } from './format.ts';
import { gainLegend } from './frame-color.ts';
import { DIFFERENCE_PAGE_SCRIPT } from './generated/page-scripts.ts';
import { FLAME_SECTION, FUNCTIONS_SECTION, type HtmlPage } from './html-page.ts';
import { pageAccount, pageFrame, withoutRarest } from './page-content.ts';
import type { DifferenceData, Weights } from './page-model/page-data.ts';

const VIEWS = [
  ['flame', 'Flame graph'],
  ['functions-view', 'Functions'],
  ['about', 'About'],
] as const;

const SECTIONS = `${FLAME_SECTION}
${FUNCTIONS_SECTION}
<section id="about" role="tabpanel" hidden><table id="account"></table></section>`;

/** The page of what became of a profile. */
export function differencePage(baseline: Profile, profile: Profile, options: FormatOptions): HtmlPage {
  return {
    title: differenceTitle(profile, options),
    producer: options.producer,
    views: VIEWS,
    tools: '',
    legend: gainLegend(),
    sections: SECTIONS,
    data: differenceContent(baseline, profile, options),
    script: DIFFERENCE_PAGE_SCRIPT,
  };
}

/** What it shows, as data: both profiles over one tree of stacks, in which functions have no lines. */
export function differenceContent(
  baseline: Profile,
  profile: Profile,
  options: FormatOptions,
): DifferenceData {
  const { before, after } = differenceOf(withoutRarest(baseline), withoutRarest(profile));
  const { frames, stacks } = after;
  const labels = new FrameLabels({ ...profile, processes: [...baseline.processes, ...profile.processes] });
  return {
    title: differenceTitle(profile, options),
    producer: options.producer,
    sentence: differenceSentence(baseline, profile),
    account: comparedAccounts(baseline, profile),
    frames: frames.map((frame, index) => pageFrame(frame, labels, index)),
    parents: [...stacks.parents],
    stackFrames: [...stacks.frames],
    before: [weightsOf(before)],
    now: [weightsOf(after)],
  };
}

function weightsOf(tree: WeightedTree): Weights {
  return [...tree.seen()].flatMap((stack) => {
    const { looks, ns } = tree.own(stack);
    return [stack, looks, Math.round(ns)];
  });
}

/** What is said of either profile: a subject that only one of them has is empty in the other. */
function comparedAccounts(baseline: Profile, profile: Profile): DifferenceData['account'] {
  const [before, after] = [baseline, profile].map(
    (each) =>
      new Map([
        ['program', titleOf(each, {})],
        ...pageAccount(each).map(({ subject, state }): [string, string] => [subject, state]),
      ]),
  );
  const subjects = new Set([...(after?.keys() ?? []), ...(before?.keys() ?? [])]);
  return Array.from(subjects, (subject) => ({
    subject,
    before: before?.get(subject) ?? '',
    after: after?.get(subject) ?? '',
  }));
}

import { accountSentence } from '../profile/account-summary.ts';
import { differenceOf, type ProfileDifference, shareOf } from '../profile/difference.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile } from '../profile/profile.ts';
import { flameBoxes } from './flame-boxes.ts';
import { type FormatOptions, titleOf } from './format.ts';
import { gainColor, gainLegend, originColor } from './frame-color.ts';
import { changeText } from './page-model/quantity-text.ts';
import type { Drawing } from './svg-page.ts';

/** As in a flame graph of one profile. */
const SMALLEST_PART = 0.001;

/**
 * Draws what became of a profile: red what has a greater share of all samples than it had, blue what has a smaller one.
 * A box is as wide as its two shares in the mean, so that also what is new and what is gone can be seen.
 */
export function differenceDrawing(baseline: Profile, profile: Profile, options: FormatOptions): Drawing {
  const difference = differenceOf(baseline, profile);
  const { before, after } = difference;
  const labels = new FrameLabels({ ...profile, processes: [...baseline.processes, ...profile.processes] });
  const meanShare = (stack: number): number => (shareOf(before, stack) + shareOf(after, stack)) / 2;
  const boxes = [
    ...flameBoxes({ calls: (stack) => callsOfBoth(difference, stack) }, meanShare, SMALLEST_PART),
  ];
  return {
    title: differenceTitle(profile, options),
    subtitle: differenceSentence(baseline, profile),
    producer: options.producer,
    legend: gainLegend(),
    boxes: boxes.map((box) => {
      const frame = after.frame(box.stack);
      const [had, has] = [shareOf(before, box.stack), shareOf(after, box.stack)];
      return {
        ...box,
        label: frame === undefined ? 'all' : labels.label(frame),
        value: changeText(had, has),
        color: frame === undefined ? originColor('other') : gainColor(has - had),
      };
    }),
  };
}

/** What a stack leads to in either profile, the widest first. */
function callsOfBoth({ before, after }: ProfileDifference, stack: number): readonly number[] {
  const width = (call: number): number => shareOf(before, call) + shareOf(after, call);
  const calls = new Set([...before.calls(stack), ...after.calls(stack)]);
  return [...calls].sort((one, other) => width(other) - width(one));
}

/** What a picture of a difference is called. */
export function differenceTitle(profile: Profile, options: FormatOptions): string {
  return `${titleOf(profile, options)}: difference`;
}

/** How both profiles came about, in a line. */
export function differenceSentence(baseline: Profile, profile: Profile): string {
  return `before: ${accountSentence(baseline.account)}; after: ${accountSentence(profile.account)}`;
}

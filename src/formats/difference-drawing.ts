import { accountSentence } from '../profile/account-summary.ts';
import { differenceOf, type ProfileDifference, shareOf } from '../profile/difference.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import type { Profile } from '../profile/profile.ts';
import { flameBoxes } from './flame-boxes.ts';
import { type FormatOptions, titleOf } from './format.ts';
import { gainColor, originColor } from './frame-color.ts';
import type { Drawing } from './svg-page.ts';

/** As in a flame graph of one profile. */
const SMALLEST_PART = 0.001;
/** Shares that are as strong in colour as it gets, for the legend. */
const STRONG = 0.1;

/**
 * Draws what became of a profile: red what has a greater share of all samples than it had, blue what has a smaller one.
 * A box is as wide as its two shares in the mean, so that also what is new and what is gone can be seen.
 */
export function differenceDrawing(baseline: Profile, profile: Profile, options: FormatOptions): Drawing {
  const difference = differenceOf(baseline, profile);
  const { before, after } = difference;
  const labels = new FrameLabels({ processes: [...baseline.processes, ...profile.processes] });
  const meanShare = (stack: number): number => (shareOf(before, stack) + shareOf(after, stack)) / 2;
  const boxes = [
    ...flameBoxes({ calls: (stack) => callsOfBoth(difference, stack) }, meanShare, SMALLEST_PART),
  ];
  return {
    title: `${titleOf(profile, options)}: difference`,
    subtitle: `before: ${accountSentence(baseline.account)}; after: ${accountSentence(profile.account)}`,
    producer: options.producer,
    legend: [
      { title: 'has grown', color: gainColor(STRONG) },
      { title: 'is as it was', color: gainColor(0) },
      { title: 'has shrunk', color: gainColor(-STRONG) },
    ],
    boxes: boxes.map((box) => {
      const frame = after.frame(box.stack);
      const [had, has] = [shareOf(before, box.stack), shareOf(after, box.stack)];
      return {
        ...box,
        label: frame === undefined ? 'all' : labels.label(frame),
        value: `${percent(had)} before, ${percent(has)} after: ${has < had ? '−' : '+'}${percent(Math.abs(has - had))}`,
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

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

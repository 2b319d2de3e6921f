import { formatCount, formatNanoseconds, formatShare } from '../base/quantities.ts';
import { accountSentence } from '../profile/account-summary.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { originOf } from '../profile/frame-origin.ts';
import type { Profile } from '../profile/profile.ts';
import { WeightedTree } from '../profile/weighted-tree.ts';
import { differenceDrawing } from './difference-drawing.ts';
import { type FlameBox, flameBoxes } from './flame-boxes.ts';
import { type FormatOptions, type ProfileFormat, titleOf } from './format.ts';
import { type ColoredOrigin, frameColor, ORIGIN_COLORS, originColor } from './frame-color.ts';
import { type Drawing, svgParts } from './svg-page.ts';

/** What is narrower could not be seen: a pixel of 1000. */
const SMALLEST_PART = 0.001;

/** An interactive flame graph, the outermost calls at the top, in one file that opens in every browser, or that of a difference. */
export const flameGraphSvg: ProfileFormat = {
  name: 'svg',
  aliases: ['flamegraph', 'flame-graph'],
  endings: ['.svg'],
  rootsProcesses: true,
  comparesProfiles: true,
  summary: 'an interactive flame graph in one file: zoom, search, keys',
  write: (profile, options) =>
    svgParts(
      options.baseline === undefined
        ? drawingOf(profile, options)
        : differenceDrawing(options.baseline, profile, options),
    ),
};

function drawingOf(profile: Profile, options: FormatOptions): Drawing {
  const labels = new FrameLabels(profile);
  const tree = new WeightedTree(profile);
  const looksOf = (stack: number): number => tree.total(stack).looks;
  return {
    title: titleOf(profile, options),
    subtitle: accountSentence(profile.account),
    producer: options.producer,
    legend: legendOf(profile),
    boxes: [...flameBoxes(tree, looksOf, SMALLEST_PART)].map((box) => ({
      ...box,
      ...drawnStack(tree, labels, box),
    })),
  };
}

function drawnStack(tree: WeightedTree, labels: FrameLabels, { stack }: FlameBox) {
  const frame = tree.frame(stack);
  const { looks, ns } = tree.total(stack);
  const share = formatShare(looks, tree.whole.looks);
  return {
    label: frame === undefined ? 'all' : labels.label(frame),
    value: `${formatCount(looks)} samples, ${share}, ${formatNanoseconds(ns)}`,
    color: frame === undefined ? originColor('other') : frameColor(originOf(frame), frame.name),
  };
}

function legendOf({ frames }: Profile): Drawing['legend'] {
  const there = new Set<ColoredOrigin>(frames.map(originOf));
  return Object.entries(ORIGIN_COLORS).flatMap(([name, { title }]) =>
    [...there].filter((origin) => origin === name).map((origin) => ({ title, color: originColor(origin) })),
  );
}

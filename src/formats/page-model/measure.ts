import { frameColor, gainColor, originColor } from '../frame-color.ts';
import type { CallNode, FunctionSum } from './call-node.ts';
import type { PageFrame } from './page-data.ts';
import { changeText, duration, gainText, percent } from './quantity-text.ts';

/** Calls among those that they are shown with, and among all that was seen. */
export interface CallPlace {
  readonly node: CallNode;
  readonly root: CallNode;
  readonly whole: CallNode;
}

/** A column of the table of functions, which can be sorted by it. */
export interface FunctionColumn {
  readonly heading: string;
  /** What rows are sorted by, the greatest first. */
  readonly order: (sum: FunctionSum, whole: CallNode) => number;
  readonly text: (sum: FunctionSum, whole: CallNode) => string;
  /** How long its bar is, from 0 to 1. */
  readonly bar?: (sum: FunctionSum, whole: CallNode) => number;
  readonly color?: (sum: FunctionSum, whole: CallNode) => string;
}

/** What a page shows of calls: how often they were seen, or what became of that. */
export interface Measure {
  /** How wide their box is. */
  readonly width: (node: CallNode, whole: CallNode) => number;
  readonly color: (place: CallPlace, frame: PageFrame | undefined) => string;
  /** What is said of them behind their name. */
  readonly text: (place: CallPlace) => string;
  /** Which share of the root calls are that a search has found. */
  readonly matched: (nodes: readonly CallNode[], root: CallNode) => string;
  /** The first one is what rows are sorted by. */
  readonly columns: readonly FunctionColumn[];
}

/** One profile: boxes are as wide as often they were seen, and coloured by whose code it is. */
export const SAMPLES: Measure = {
  width: ({ now }) => now.looks,
  color: (_, frame) => (frame === undefined ? originColor('other') : frameColor(frame.origin, frame.name)),
  text: ({ node: { now }, root }) => {
    const whole = root.now.looks;
    return `${now.looks} samples, ${percent(now.looks, whole)}, own ${percent(now.ownLooks, whole)}, ${duration(now.ns)}`;
  },
  matched: (nodes, root) => `${percent(looksOf(nodes, 'now'), root.now.looks)} matched`,
  columns: [
    {
      heading: 'own',
      order: ({ now }) => now.own,
      text: ({ now }, whole) => percent(now.own, whole.now.looks),
      bar: ({ now }, whole) => part(now.own, whole.now.looks),
    },
    {
      heading: 'total',
      order: ({ now }) => now.total,
      text: ({ now }, whole) => percent(now.total, whole.now.looks),
    },
    { heading: 'own time', order: ({ now }) => now.ownNs, text: ({ now }) => duration(now.ownNs) },
  ],
};

/**
 * What became of a profile: boxes are as wide as their shares before and after in the mean, so that what is gone can be seen too, red
 * where they have grown and blue where they have shrunk. Shares are of all that was seen, since profiles are not equally long.
 */
export const DIFFERENCE: Measure = {
  width: (node, whole) => (shareOf(node, whole, 'before') + shareOf(node, whole, 'now')) / 2,
  color: ({ node, whole }, frame) =>
    frame === undefined
      ? originColor('other')
      : gainColor(shareOf(node, whole, 'now') - shareOf(node, whole, 'before')),
  text: ({ node, whole }) => changeText(shareOf(node, whole, 'before'), shareOf(node, whole, 'now')),
  matched: (nodes, root) =>
    `${percent(looksOf(nodes, 'before'), root.before.looks)} before, ${percent(looksOf(nodes, 'now'), root.now.looks)} after matched`,
  columns: [...comparingColumns('own'), ...comparingColumns('total')],
};

/** What has changed most is first, whichever way it went. */
function comparingColumns(kind: 'own' | 'total'): readonly FunctionColumn[] {
  const share = (sum: FunctionSum, whole: CallNode, side: Side): number =>
    part(sum[side][kind], whole[side].looks);
  const gain = (sum: FunctionSum, whole: CallNode): number =>
    share(sum, whole, 'now') - share(sum, whole, 'before');
  const shareColumn = (heading: string, side: Side): FunctionColumn => ({
    heading,
    order: (sum, whole) => share(sum, whole, side),
    text: (sum, whole) => percent(sum[side][kind], whole[side].looks),
  });
  return [
    {
      heading: `${kind} ±`,
      order: (sum, whole) => Math.abs(gain(sum, whole)),
      text: (sum, whole) => gainText(gain(sum, whole)),
      color: (sum, whole) => gainColor(gain(sum, whole)),
    },
    shareColumn('before', 'before'),
    shareColumn('after', 'now'),
  ];
}

type Side = 'now' | 'before';

function shareOf(node: CallNode, whole: CallNode, side: Side): number {
  return part(node[side].looks, whole[side].looks);
}

function looksOf(nodes: readonly CallNode[], side: Side): number {
  return nodes.reduce((sum, node) => sum + node[side].looks, 0);
}

function part(value: number, whole: number): number {
  return whole === 0 ? 0 : value / whole;
}

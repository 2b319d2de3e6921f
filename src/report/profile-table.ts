import { formatNanoseconds, formatShare } from '../base/quantities.ts';
import type { FrameLabels } from '../profile/frame-label.ts';
import type { FunctionRow } from '../profile/function-table.ts';
import type { ProfileFrame } from '../profile/profile.ts';
import type { Weight } from '../profile/weighted-tree.ts';
import { cutToWidth, displayWidth } from './display-width.ts';
import type { Style } from './style.ts';
import { type Column, type Table, tableLines } from './table.ts';

/** How a table of functions is to look. */
export interface ProfileTableOptions {
  /** All that was seen, of which shares are taken. */
  readonly whole: Weight;
  readonly labels: FrameLabels;
  readonly style: Style;
  /** Width of the terminal; nothing is cut or left out without it. */
  readonly columns: number | undefined;
}

/** A name cut below this tells too little: another column is left out before. */
const NARROWEST_FUNCTION = 20;

/** Renders functions or lines, `OWN  TOTAL  OWN TIME  TOTAL TIME  FUNCTION`, a row each. */
export function profileTableLines(
  rows: readonly FunctionRow[],
  { whole, labels, style, columns }: ProfileTableOptions,
): Generator<string> {
  return tableLines(rows, {
    columns: columnsOf(whole),
    last: functionColumn(labels),
    style,
    width: columns,
  });
}

/** The last column of such tables, which says where a row is. */
export function functionColumn(
  labels: FrameLabels,
  heading = 'FUNCTION',
): Table<{ readonly frame: ProfileFrame }>['last'] {
  return {
    heading,
    narrowest: NARROWEST_FUNCTION,
    format: ({ frame }, width) => fittingLabel(labels.name(frame), labels.place(frame), width),
  };
}

function columnsOf(whole: Weight): readonly Column<FunctionRow>[] {
  const share = ({ looks }: Weight): string => formatShare(looks, whole.looks);
  const column = (heading: string, importance: number, format: (row: FunctionRow) => string) => ({
    heading,
    isRightAligned: true,
    importance,
    format,
  });
  return [
    column('OWN', 4, ({ own }) => share(own)),
    column('TOTAL', 3, ({ total }) => share(total)),
    column('OWN TIME', 2, ({ own }) => formatNanoseconds(own.ns)),
    column('TOTAL TIME', 1, ({ total }) => formatNanoseconds(total.ns)),
  ];
}

/** What does not fit loses the beginning of its file before its name loses anything. */
function fittingLabel(name: string, place: string, width: number | undefined): string {
  const whole = place === '' ? name : `${name} (${place})`;
  if (width === undefined || displayWidth(whole) <= width) return whole;
  const brief = place === '' ? name : `${name} (${place.slice(place.lastIndexOf('/') + 1)})`;
  return cutToWidth(brief, width);
}

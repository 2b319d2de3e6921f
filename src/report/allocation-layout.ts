import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes, formatCount, formatSeconds } from '../base/quantities.ts';
import type { AllocationReport, AllocationSite } from '../model/allocation-report.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

/** Which sites are shown, and where they are to fit. */
export interface AllocationManner {
  /** How many; all when it is infinite. */
  readonly limit: number;
  /** Those that grew most first, or the other way round. */
  readonly order: 'descending' | 'ascending';
  readonly style: Style;
  /** Width of the terminal; nothing is cut without it. */
  readonly width: number | undefined;
}

/** Renders where memory was allocated that is still there, and what it cost to see that. */
export function* allocationLines(report: AllocationReport, manner: AllocationManner): Generator<string> {
  const { sites, siteCount, sizeChange, countChange, wasTracing } = report;
  const shown = (manner.order === 'descending' ? sites : sites.toReversed()).slice(0, manner.limit);
  yield* siteTable(shown, wasTracing, manner);
  const part = shown.length < siteCount ? `${shown.length} of ${siteCount} places; ` : '';
  yield `${part}${signed(sizeChange, formatBytes)} in ${signed(countChange, formatCount)} blocks within ${formatSeconds(report.seconds)}`;
  const kept = wasTracing
    ? 'the program traces its allocations itself, and goes on to do so'
    : 'it is off again';
  yield `tracemalloc took ${formatBytes(report.ownBytes)}; ${kept}`;
}

function* siteTable(
  sites: readonly AllocationSite[],
  wasTracing: boolean,
  { style, width }: AllocationManner,
): Generator<string> {
  const rows = sites.flatMap((site) => site.frames.map((frame, at) => ({ site, frame, isFirst: at === 0 })));
  type Row = (typeof rows)[number];
  const column = (heading: string, importance: number, format: (site: AllocationSite) => string) => ({
    heading,
    importance,
    isRightAligned: true,
    format: ({ site, isFirst }: Row) => (isFirst ? format(site) : ''),
  });
  yield* tableLines(rows, {
    columns: [
      column('BYTES', 4, ({ sizeChange }) => signed(sizeChange, formatBytes)),
      column('BLOCKS', 3, ({ countChange }) => signed(countChange, formatCount)),
      // Otherwise nothing was there before.
      ...(wasTracing ? [column('NOW', 1, ({ sizeBytes }) => formatBytes(sizeBytes))] : []),
    ],
    last: {
      heading: 'ALLOCATED BY',
      narrowest: 20,
      format: ({ frame, isFirst }, cells) => `${isFirst ? '' : '  '}${cut(placeText(frame), cells)}`,
    },
    style,
    width,
  });
}

function placeText({ file, line }: AllocationSite['frames'][number]): string {
  return `${escapeForTerminal(file)}${line === 0 ? '' : `:${line}`}`;
}

/** The end of a path says more than its beginning. */
function cut(text: string, cells: number | undefined): string {
  const room = cells === undefined ? text.length : Math.max(cells - 2, 8);
  return text.length <= room ? text : `…${text.slice(text.length - room + 1)}`;
}

function signed(value: number, format: (size: number) => string): string {
  return value === 0 ? format(0) : `${value > 0 ? '+' : '-'}${format(Math.abs(value))}`;
}

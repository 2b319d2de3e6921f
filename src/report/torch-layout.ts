import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes, formatCount, formatNanoseconds, formatShare } from '../base/quantities.ts';
import type { TensorGroup, TensorReport, TorchOperator, TorchProfile } from '../model/torch-report.ts';
import type { Style } from './style.ts';
import { type Column, tableLines } from './table.ts';

/** How many rows are shown, and where they are to fit. */
export interface TorchManner {
  /** All when it is infinite. */
  readonly limit: number;
  readonly style: Style;
  /** Width of the terminal; nothing is cut without it. */
  readonly width: number | undefined;
}

/** Renders the operators that took most, by themselves, and says which calls are not in these sums. */
export function* operatorLines(profile: TorchProfile, manner: TorchManner): Generator<string> {
  const { operatorCount, unsummedCount, fileCount } = profile;
  if (operatorCount > 0) yield* operatorTable(profile, manner);
  if (unsummedCount > 0)
    yield `not summed up: ${unsummedCount} of ${fileCount} calls, which have too many events; their traces have them`;
}

function* operatorTable(profile: TorchProfile, manner: TorchManner): Generator<string> {
  const { operators, operatorCount, hasCuda, selfCpuUs: allUs } = profile;
  const shown = operators.slice(0, manner.limit);
  const ofDevice = [
    timeColumn('SELF GPU', 3, ({ selfDeviceUs }: TorchOperator) => selfDeviceUs),
    timeColumn('GPU', 1, ({ deviceUs }: TorchOperator) => deviceUs),
  ];
  yield* tableLines(shown, {
    columns: [
      timeColumn('SELF CPU', 5, ({ selfCpuUs }) => selfCpuUs),
      numberColumn('SHARE', 2, ({ selfCpuUs }) => formatShare(selfCpuUs, allUs)),
      timeColumn('CPU', 3, ({ cpuUs }) => cpuUs),
      ...(hasCuda ? ofDevice : []),
      numberColumn('CALLS', 4, ({ calls }) => formatCount(calls)),
    ],
    last: { heading: 'OPERATOR', narrowest: 20, format: ({ name }) => escapeForTerminal(name) },
    ...manner,
  });
  const gpu = hasCuda ? `, on the GPU ${formatUs(profile.selfDeviceUs)}` : '';
  const part = shown.length < operatorCount ? `${shown.length} of ${operatorCount} operators; ` : '';
  yield `${part}all of them took ${formatUs(allUs)} on the CPU${gpu}`;
}

/** Renders the live tensors by shape, and where they hang. */
export function* tensorLines(report: TensorReport, manner: TorchManner): Generator<string> {
  const { groups, groupCount, others, withoutStorage } = report;
  const shown = groups.slice(0, manner.limit);
  yield* tableLines(shown, {
    columns: [
      numberColumn('MEMORY', 5, ({ storageBytes }) => formatBytes(storageBytes)),
      numberColumn('ELEMENTS', 1, ({ sizeBytes }) => formatBytes(sizeBytes)),
      numberColumn('COUNT', 4, ({ count }) => formatCount(count)),
      {
        ...numberColumn('DTYPE', 2, ({ dtype }: TensorGroup) => escapeForTerminal(dtype)),
        isRightAligned: false,
      },
      { ...numberColumn('SHAPE', 3, shapeText), isRightAligned: false },
    ],
    last: { heading: 'WHERE', narrowest: 20, format: (group, width) => placesText(group, width) },
    ...manner,
  });
  const part = shown.length < groupCount ? `${shown.length} of ${groupCount} shapes; ` : '';
  yield `${part}${formatCount(report.count)} tensors keep ${formatBytes(report.storageBytes)} in ${formatCount(report.storageCount)} stretches of memory`;
  if (withoutStorage > 0) yield `${formatCount(withoutStorage)} have no memory of that kind, as sparse ones`;
  for (const { device, count, sizeBytes } of others)
    yield `not listed: ${formatCount(count)} on ${escapeForTerminal(device)}, of ${formatBytes(sizeBytes)}`;
}

function shapeText({ shape }: TensorGroup): string {
  return shape.length === 0 ? '()' : shape.map((length) => length ?? '?').join('×');
}

/** As many places as fit, and how many more there are. */
function placesText({ places, placedCount, count }: TensorGroup, width: number | undefined): string {
  const rest = (shown: number): string => {
    const named = placedCount - shown;
    const words = [...(named > 0 ? [`+${named} more`] : []), ...unplaced(count - placedCount)];
    return words.length === 0 ? '' : `${shown === 0 ? '' : ' '}(${words.join(', ')})`;
  };
  const named = (shown: readonly string[]): string =>
    `${shown.map(escapeForTerminal).join(', ')}${rest(shown.length)}`;
  for (let shown = Math.min(places.length, MOST_PLACES); shown > 0; shown -= 1) {
    const text = named(places.slice(0, shown));
    const excess = width === undefined ? 0 : text.length - width;
    if (excess <= 0) return text;
    // The end of a long name says more than its beginning.
    if (shown === 1) return `…${text.slice(excess + 1)}`;
  }
  return rest(0);
}

const MOST_PLACES = 3;

function unplaced(count: number): readonly string[] {
  return count > 0 ? [`${formatCount(count)} elsewhere`] : [];
}

function timeColumn<Row>(
  heading: string,
  importance: number,
  microsecondsOf: (row: Row) => number,
): Column<Row> {
  return numberColumn(heading, importance, (row) => formatUs(microsecondsOf(row)));
}

function numberColumn<Row>(heading: string, importance: number, format: (row: Row) => string): Column<Row> {
  return { heading, importance, isRightAligned: true, format };
}

function formatUs(microseconds: number): string {
  return formatNanoseconds(microseconds * 1000);
}

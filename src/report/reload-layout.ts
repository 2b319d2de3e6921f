import { escapeForTerminal } from '../base/escaping.ts';
import type {
  CodeDifference,
  DefinitionValue,
  InnerFunctions,
  ReloadReport,
} from '../model/reload-report.ts';
import { unifiedDiff } from './line-diff.ts';
import { formatObject } from './object-text.ts';
import type { Style } from './style.ts';
import { labelledLines } from './value-layout.ts';

/** How much of it is shown. */
export interface ReloadManner {
  readonly style: Style;
  /** What is different, in the place of the source. */
  readonly asDiff: boolean;
  /** All of the source, however long. */
  readonly whole: boolean;
}

/** A longer source is shown by its beginning and its end, as PyFlightProfiler does. */
const MOST_SOURCE_LINES = 20;
const SHOWN_AT_EACH_END = 10;
const VALUE_CHARACTERS = 120;

/** Renders what became of a function, or would become. */
export function* reloadLines(report: ReloadReport, manner: ReloadManner): Generator<string> {
  const { style } = manner;
  yield headLine(report, style);
  for (const [label, lines] of sectionsOf(report, manner)) {
    for (const line of lines.length > 0 ? labelledLines(label, lines, style) : []) yield line.trimEnd();
  }
}

function headLine({ label, verdict, isApplied }: ReloadReport, style: Style): string {
  const name = style.bold(escapeForTerminal(label));
  if (verdict === 'unchanged') return `Nothing to reload: ${name} is as its file has it`;
  if (!isApplied)
    return `${name} would be ${verdict === 'undone' ? 'put back' : 'reloaded'}; nothing was changed`;
  if (verdict === 'undone') return `${style.green('Put back')} ${name}`;
  const moved = verdict === 'moved' ? '; its code is the same, and its lines have moved' : '';
  return `${style.green('Reloaded')} ${name}${moved}`;
}

/** What is told, in its order: a label and its lines; one without lines is left out. */
function sectionsOf(
  report: ReloadReport,
  manner: ReloadManner,
): readonly (readonly [label: string, lines: readonly string[]])[] {
  const { values, inner, definedAs, verdict } = report;
  if (verdict === 'unchanged')
    return [
      ['FILE:', [placeOf(report)]],
      ['DEFAULT:', values.filter(({ kind }) => kind === 'default').map(valueLine)],
    ];
  return [
    ['FILE:', [placeOf(report)]],
    ['WRITTEN AS:', definedAs === undefined ? [] : [escapeForTerminal(definedAs)]],
    ['LOADED BY:', loaderLines(report)],
    ['KIND:', kindLines(report)],
    ['DEFAULT:', values.filter(({ kind }) => kind === 'default').map(valueLine)],
    ['ANNOTATION:', values.filter(({ kind }) => kind === 'annotation').map(valueLine)],
    ['DECORATOR:', decoratorLines(report)],
    [
      'FUNCTIONS:',
      report.functions > 1 ? [`${report.functions} have this code, all of them the new one`] : [],
    ],
    ['INNER:', inner.flatMap(innerLines)],
    ['RUNNING:', runningLines(report)],
    ...(manner.asDiff ? diffSections(report, manner) : [['SOURCE:', sourceLines(report, manner)] as const]),
  ];
}

function placeOf({ file, line, endLine }: ReloadReport): string {
  const lines = endLine === undefined || endLine === line ? `line ${line}` : `lines ${line} to ${endLine}`;
  return `${escapeForTerminal(file)}, ${lines}`;
}

function loaderLines({ loader }: ReloadReport): readonly string[] {
  if (loader === undefined) return [];
  return [
    `${escapeForTerminal(loader)}, which may compile in a way of its own; this is as Python compiles it`,
  ];
}

function kindLines({ kind, oldKind }: ReloadReport): readonly string[] {
  if (kind === oldKind) return [];
  return [`a ${wordsOf(kind)} now, a ${wordsOf(oldKind)} before: who calls it gets something else`];
}

function wordsOf(kind: ReloadReport['kind']): string {
  return kind === 'async-generator' ? 'generator that is asynchronous' : kind;
}

function valueLine({ kind, name, action, before, after }: DefinitionValue): string {
  const subject = name === '' ? 'all' : escapeForTerminal(name);
  const [old, young] = [before, after].map((view) =>
    view === undefined ? undefined : formatObject(view, VALUE_CHARACTERS),
  );
  switch (action) {
    case 'removed':
      return `${subject}: removed${old === undefined ? '' : `, was ${old}`}`;
    case 'kept':
      return kind === 'default'
        ? `${subject}: kept ${old ?? ''}, since it cannot be told whether it has changed; --defaults computes it anew`
        : `${subject}: kept ${old ?? ''}, since it cannot be computed now`;
    case 'computed':
      return `${subject}: ${young ?? 'computed anew'}${old === undefined ? '' : `, was ${old}`}`;
  }
}

function decoratorLines({ decorators, areDecoratorsChanged }: ReloadReport): readonly string[] {
  const shown = decorators.map(escapeForTerminal).join(' ');
  if (areDecoratorsChanged === true)
    return [`${shown === '' ? 'none any more' : `${shown} now`}: not applied, so that those of before go on`];
  const before = areDecoratorsChanged === false ? 'as before, and ' : '';
  return shown === '' ? [] : [`${shown}: ${before}not applied again`];
}

function innerLines({ name, functions, left }: InnerFunctions): readonly string[] {
  const subject = escapeForTerminal(name);
  if (functions > 0)
    return [`${subject}: ${counted(functions, 'function')} that it had made, changed as well`];
  return [
    `${subject}: ${counted(left, 'function')} that it had made, left as they are: made with other variables`,
  ];
}

function runningLines({ runningThreads }: ReloadReport): readonly string[] {
  if (runningThreads === 0) return [];
  const verbs = runningThreads === 1 ? 'is in its old code, and goes' : 'are in its old code, and go';
  return [`${counted(runningThreads, 'thread')} ${verbs} on with that until the call ends`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function sourceLines({ source }: ReloadReport, { whole }: ReloadManner): readonly string[] {
  if (source === undefined) return [];
  const lines = source.split('\n').map(escapeForTerminal);
  if (whole || lines.length <= MOST_SOURCE_LINES) return lines;
  const omitted = lines.length - 2 * SHOWN_AT_EACH_END;
  return [
    ...lines.slice(0, SHOWN_AT_EACH_END),
    `... ${counted(omitted, 'line')} more; -v shows all`,
    ...lines.slice(-SHOWN_AT_EACH_END),
  ];
}

function diffSections(
  { source, oldSource, line, differences }: ReloadReport,
  { style }: ReloadManner,
): readonly (readonly [label: string, lines: readonly string[]])[] {
  if (source !== undefined && oldSource !== undefined) {
    const diff = [...unifiedDiff(oldSource, source, { before: line, after: line })];
    return [['DIFF:', diff.map((text) => paintOf(text, style)(escapeForTerminal(text)))]];
  }
  return [
    ['CHANGES:', differences.flatMap(differenceLines)],
    [
      'SOURCE:',
      (source ?? '')
        .split('\n')
        .filter((text) => text !== '')
        .map(escapeForTerminal),
    ],
  ];
}

function paintOf(line: string, { red, green, faint }: Style): (text: string) => string {
  if (line.startsWith('-')) return red;
  if (line.startsWith('+')) return green;
  return line.startsWith('@') ? faint : (text) => text;
}

function differenceLines({ what, removed, added }: CodeDifference): readonly string[] {
  const signed = [...removed.map((each) => `-${each}`), ...added.map((each) => `+${each}`)];
  return [`${what === 'inner' ? 'inner functions' : what}: ${signed.map(escapeForTerminal).join(' ')}`];
}

import { escapeForTerminal } from '../base/escaping.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { isComplete, problemsOf } from '../model/snapshot-problems.ts';
import { type CoreReport, coreToJson } from '../report/core-json.ts';
import { corePreambleLines, executableLine } from '../report/core-preamble.ts';
import { faulthandlerLines } from '../report/faulthandler-layout.ts';
import { lockRemarks } from '../report/lock-remarks.ts';
import { pyflameLines } from '../report/pyflame-layout.ts';
import { pystackLines } from '../report/pystack-layout.ts';
import { snapshotToJson } from '../report/snapshot-json.ts';
import { PLAIN, type Style } from '../report/style.ts';
import { threadRemarks } from '../report/thread-remarks.ts';
import { type AsyncValues, asyncReport } from './async-report.ts';
import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';
import { type JsonMode, jsonText, levelOfLook } from './json-output.ts';
import { type NativeMode, nativeChoice } from './native-modes.ts';

/** The layouts of text. */
export const LAYOUT_NAMES = ['pystack', 'pyflame', 'faulthandler'] as const;

/** How the stacks of a process or a core are printed. */
export interface ReportWishes extends AsyncValues {
  readonly json: JsonMode | undefined;
  /** Under which name it was asked for. */
  readonly command: string;
  readonly format: (typeof LAYOUT_NAMES)[number];
  /** The file to write to; `undefined` for standard output. */
  readonly filepath: string | undefined;
  readonly native: NativeMode | undefined;
}

/** Stacks, and of a core what it says of its process. */
export interface Report {
  readonly snapshot: Snapshot;
  readonly core?: CoreReport;
  /** Whether the core had to tell the program, since the user named none. */
  readonly isProgramFound?: boolean;
}

/** Prints stacks, or writes them to a file, and the problems beside them. */
export async function printReport(report: Report, wishes: ReportWishes, context: Context): Promise<Outcome> {
  const { snapshot } = report;
  const style = wishes.filepath === undefined ? context.style : PLAIN;
  const text =
    wishes.json !== undefined
      ? jsonOf(report, wishes.command, wishes.json, context)
      : textOf(report, wishes, { style, verbosity: context.verbosity });
  if (wishes.filepath === undefined) context.out(text);
  else {
    await context.api.writeTextFile(wishes.filepath, text);
    context.out(`${context.style.green('✓')} Write stack to ${wishes.filepath} successfully!\n`);
  }
  for (const { message } of problemsOf(snapshot)) context.note(`warning: ${escapeForTerminal(message)}`);
  return isComplete(snapshot) ? 'complete' : 'partial';
}

function jsonOf({ snapshot, core }: Report, command: string, mode: JsonMode, context: Context): string {
  const stacks = snapshotToJson(snapshot);
  if (core === undefined) {
    const printed = { command, level: levelOfLook(snapshot), pid: snapshot.process.pid };
    return jsonText(stacks, printed, mode, context);
  }
  const { takenAt = null, problems = [] } = stacks;
  const printed = { command, level: 'L0', pid: core.facts.process?.pid } as const;
  return jsonText({ takenAt, problems, ...coreToJson(snapshot, core) }, printed, mode, context);
}

interface Manner {
  readonly style: Style;
  readonly verbosity: number;
}

function textOf(report: Report, wishes: ReportWishes, manner: Manner): string {
  let text = '';
  // The other layouts are read by programs, which know no preamble.
  if (wishes.format === 'pystack')
    for (const line of preambleLines(report, manner.style)) text += `${line}\n`;
  const { snapshot } = report;
  const lines =
    asyncReport(snapshot, wishes, manner.style) ?? LAYOUTS[wishes.format](snapshot, wishes, manner);
  for (const line of lines) text += `${line}\n`;
  return text;
}

function* preambleLines({ snapshot, core, isProgramFound }: Report, style: Style): Generator<string> {
  if (core === undefined) return;
  if (isProgramFound === true) yield* executableLine(snapshot.process);
  yield* corePreambleLines(core.facts, style);
}

type Layout = (snapshot: Snapshot, wishes: ReportWishes, manner: Manner) => Iterable<string>;

const LAYOUTS: Readonly<Record<ReportWishes['format'], Layout>> = {
  pystack: (snapshot, { locals, native }, { style, verbosity }) =>
    pystackLines(snapshot, {
      style,
      showLocals: locals,
      ...nativeChoice(native),
      remarks: (thread) => [
        ...(verbosity === 0 ? [] : threadRemarks(thread, style)),
        ...lockRemarks(thread, snapshot.locks, style),
      ],
    }),
  pyflame: pyflameLines,
  faulthandler: faulthandlerLines,
};

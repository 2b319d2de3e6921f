import type { Inspection, SnapshotOptions } from '../api/index.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { compareSnapshots, type Look } from '../model/snapshot-comparison.ts';
import { problemsOf } from '../model/snapshot-problems.ts';
import { snapshotToJson } from '../report/snapshot-json.ts';
import { watchLines } from '../report/watch-layout.ts';
import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';
import { type JsonMode, jsonText, levelOfLook } from './json-output.ts';

/** What to look at, how often, and in which form. */
export interface Watch {
  readonly inspection: Inspection;
  readonly wishes: SnapshotOptions;
  readonly json: JsonMode | undefined;
  readonly seconds: number;
}

/** Prints the stacks again and again until it is interrupted, with marks of what moved. */
export async function watchStacks(watch: Watch, context: Context): Promise<Outcome> {
  let noted: ReadonlySet<string> = new Set();
  let look: Look | undefined;
  do {
    const snapshot = watch.inspection.snapshot(watch.wishes);
    look = compareSnapshots(look, snapshot);
    if (watch.json !== undefined) context.out(lineOf(snapshot, context));
    else context.out(`${textOf(look, watch, context)}\n`);
    const messages = new Set(problemsOf(snapshot).map(({ message }) => message));
    for (const message of messages)
      if (!noted.has(message)) context.note(`warning: ${escapeForTerminal(message)}`);
    noted = messages;
  } while ((await context.wait(watch.seconds * 1000)) === 'elapsed');
  return 'interrupted';
}

/** A document a line, whichever was asked for: it is a stream. */
function lineOf(snapshot: Snapshot, context: Context): string {
  const printed = { command: 'stack', level: levelOfLook(snapshot), pid: snapshot.process.pid };
  return jsonText(snapshotToJson(snapshot), printed, 'jsonl', context);
}

function textOf(look: Look, { wishes }: Watch, { style }: Context): string {
  const lines = [...watchLines(look, { style, showLocals: wishes.locals === true })];
  return `${lines.join('\n')}\n`;
}

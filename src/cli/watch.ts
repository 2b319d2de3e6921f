import type { Inspection, SnapshotOptions } from '../api/index.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { compareSnapshots, type Look } from '../model/snapshot-comparison.ts';
import { problemsOf } from '../model/snapshot-problems.ts';
import { formatJson } from '../report/json-value.ts';
import { snapshotToJson } from '../report/snapshot-json.ts';
import { watchLines } from '../report/watch-layout.ts';
import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';

/** What to look at, how often, and in which form. */
export interface Watch {
  readonly inspection: Inspection;
  readonly wishes: SnapshotOptions;
  readonly json: boolean;
  readonly seconds: number;
}

/** Prints the stacks again and again until it is interrupted, with marks of what moved. */
export async function watchStacks(watch: Watch, context: Context): Promise<Outcome> {
  let noted: ReadonlySet<string> = new Set();
  let look: Look | undefined;
  do {
    const snapshot = watch.inspection.snapshot(watch.wishes);
    look = compareSnapshots(look, snapshot);
    if (watch.json) context.out(`${formatJson(snapshotToJson(snapshot))}\n`);
    else context.out(`${textOf(look, watch, context)}\n`);
    const messages = new Set(problemsOf(snapshot).map(({ message }) => message));
    for (const message of messages)
      if (!noted.has(message)) context.note(`warning: ${escapeForTerminal(message)}`);
    noted = messages;
  } while ((await context.wait(watch.seconds * 1000)) === 'elapsed');
  return 'interrupted';
}

function textOf(look: Look, { wishes }: Watch, { style }: Context): string {
  const lines = [...watchLines(look, { style, showLocals: wishes.locals === true })];
  return `${lines.join('\n')}\n`;
}

import type { CoreFacts } from '../model/core-signal.ts';
import { corePreambleLines } from '../report/core-preamble.ts';
import { openChosenCore } from './chosen-core.ts';
import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';
import { nativeWish } from './native-modes.ts';
import { printReport, type ReportWishes } from './snapshot-report.ts';
import type { CoreChoice } from './target-choice.ts';

/** What is read of a core, and how it is printed. */
export interface CoreWishes extends ReportWishes {
  readonly thread: string | undefined;
  readonly exhaustive: boolean;
}

/** Prints why the process of a core died, and its stacks; the former also where there are none. */
export async function printCore(choice: CoreChoice, wishes: CoreWishes, context: Context): Promise<Outcome> {
  let facts: CoreFacts | undefined;
  const onFacts = (found: CoreFacts): void => {
    facts = found;
  };
  using inspection = await openChosenCore(choice, { ...wishes, onFacts }, context).catch((error: unknown) => {
    if (facts !== undefined) printFacts(facts, wishes, context);
    throw error;
  });
  const { locals, thread, native } = wishes;
  const snapshot = inspection.snapshot({
    locals,
    ...(thread === undefined ? {} : { thread }),
    ...nativeWish(native),
  });
  const isProgramFound = choice.executable === undefined;
  return await printReport({ snapshot, core: inspection.coreFacts, isProgramFound }, wishes, context);
}

function printFacts(facts: CoreFacts, { json, format, filepath }: CoreWishes, { out, style }: Context): void {
  if (json || format !== 'pystack' || filepath !== undefined) return;
  for (const line of corePreambleLines(facts, style)) out(`${line}\n`);
}

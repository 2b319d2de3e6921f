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

/** Prints why the process of a core died, and its stacks. */
export async function printCore(choice: CoreChoice, wishes: CoreWishes, context: Context): Promise<Outcome> {
  using inspection = await openChosenCore(choice, wishes, context);
  const { locals, thread, native } = wishes;
  const snapshot = inspection.snapshot({
    locals,
    ...(thread === undefined ? {} : { thread }),
    ...nativeWish(native),
  });
  const isProgramFound = choice.executable === undefined;
  return await printReport({ snapshot, core: inspection.coreFacts, isProgramFound }, wishes, context);
}

import { escapeForTerminal } from '../../base/escaping.ts';
import type { CoreFacts } from '../../model/core-signal.ts';
import type { LackingFile } from '../../model/lacking-file.ts';
import { corePreambleLines } from '../../report/core-preamble.ts';
import { asyncWish } from '../async-report.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { nativeWish } from '../native-modes.ts';
import { joinShellWords } from '../shell-words.ts';
import { printReport, type ReportWishes } from '../snapshot-report.ts';
import type { CoreChoice } from '../target-choice.ts';
import { openChosenCore } from './chosen-core.ts';

/** What is read of a core, and how it is printed. */
export interface CoreWishes extends ReportWishes {
  readonly thread: string | undefined;
  readonly exhaustive: boolean;
  readonly locks: boolean;
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
  const { locals, locks, thread, native } = wishes;
  const snapshot = inspection.snapshot({
    locals,
    ...(locks ? { locks } : {}),
    ...(thread === undefined ? {} : { thread }),
    ...nativeWish(native),
    ...asyncWish(wishes),
  });
  const isProgramFound = choice.executable === undefined;
  const { coreFacts, lackingFiles } = inspection;
  const core = { facts: coreFacts, lackingFiles };
  const outcome = await printReport({ snapshot, core, isProgramFound }, wishes, context);
  noteLackingFiles(lackingFiles, choice, context);
  return outcome;
}

function printFacts(facts: CoreFacts, { json, format, filepath }: CoreWishes, { out, style }: Context): void {
  if (json !== undefined || format !== 'pystack' || filepath !== undefined) return;
  for (const line of corePreambleLines(facts, style)) out(`${line}\n`);
}

/** Beside the sentence that sums them up: each with -v, and how others were found once nobody has said where they are. */
function noteLackingFiles(
  files: readonly LackingFile[],
  { path, libraryPath, libraryRoot }: CoreChoice,
  { note, verbosity, programName }: Context,
): void {
  if (verbosity > 0)
    for (const { state, path: file, expectedBuildId } of files)
      note(`  ${state} ${escapeForTerminal(file)}, build id ${expectedBuildId ?? 'unknown'}`);
  if (files.length === 0 || libraryPath !== undefined || libraryRoot !== undefined) return;
  const core = joinShellWords([path]);
  note(`  ${programName} core ${core} --lib-search-root <directory>    takes files from where they lie now`);
}

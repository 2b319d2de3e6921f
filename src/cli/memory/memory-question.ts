import type { CoreInspection, Inspection } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { Problem } from '../../model/problem.ts';
import type { ProcessFacts } from '../../model/snapshot.ts';
import type { JsonObject } from '../../report/json-value.ts';
import type { Level, OptionSpecs } from '../command.ts';
import type { Context } from '../context.ts';
import { openChosenCore } from '../cores/chosen-core.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonText, levelOfLook } from '../json-output.ts';
import type { TargetChoice } from '../target-choice.ts';

/** The options of every command that is answered from memory. */
export const MEMORY_OPTIONS = {
  noBlock: { kind: 'flag', help: 'Read without stopping the process, which may mix two moments' },
  exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
} as const satisfies OptionSpecs;

/** What was typed of {@link MEMORY_OPTIONS}, and of what is looked into. */
export interface MemoryWishes {
  readonly target: TargetChoice;
  readonly noBlock: boolean;
  readonly exhaustive: boolean;
}

/** Characters of a report of values; more is cut, and that is said. */
export const VALUE_BUDGET = 1 << 20;

/** Whether the process may be stopped for a look; empty for a core. */
export interface MemoryPause {
  readonly pause?: boolean;
}

/** Opens a process or a core, and asks it at one go. */
export async function askMemory<Answer>(
  wishes: MemoryWishes,
  context: Context,
  ask: (inspection: Inspection | CoreInspection, pause: MemoryPause) => Answer,
): Promise<Answer> {
  return await openMemory(wishes, context, (inspection, pause) =>
    context.atOneGo(() => ask(inspection, pause)),
  );
}

/** The same where all objects are looked at, which takes seconds in a large process. */
export async function askHeap<Answer>(
  wishes: MemoryWishes,
  context: Context,
  ask: (inspection: Inspection | CoreInspection, pause: MemoryPause) => Answer,
): Promise<Answer> {
  return await openMemory(wishes, context, (inspection, pause) =>
    lookThrough(context, () => ask(inspection, pause)),
  );
}

/** Looks at all objects, and says so meanwhile. */
export async function lookThrough<Answer>({ status, atOneGo }: Context, look: () => Answer): Promise<Answer> {
  status?.show('looking at all objects');
  try {
    return await atOneGo(look);
  } finally {
    status?.show('');
  }
}

/** Opens a process or a core for as long as it is asked. */
export async function openMemory<Answer>(
  { target, noBlock, exhaustive }: MemoryWishes,
  context: Context,
  ask: (inspection: Inspection | CoreInspection, pause: MemoryPause) => Promise<Answer>,
): Promise<Answer> {
  if (target.kind === 'core') {
    if (noBlock) throw new BadArgumentError('Cannot use --no-block with --core: there is no process to stop');
    using core = await openChosenCore(target, { exhaustive, native: undefined }, context);
    return await ask(core, {});
  }
  using inspection = await context.api.attach(target.pid, { exhaustive, native: false });
  return await ask(inspection, { pause: !noBlock });
}

/** An answer as what is printed of it says where it is from. */
export interface MemoryAnswer {
  readonly process: ProcessFacts;
  readonly pauseNs: bigint | undefined;
}

/** Writes an answer as the document of a command. */
export function outDocument(
  command: string,
  { process, pauseNs }: MemoryAnswer,
  {
    document,
    mode,
    level,
  }: { readonly document: JsonObject; readonly mode: JsonMode; readonly level?: Level },
  context: Context,
): void {
  const printed = { command, level: level ?? levelOfLook({ pauseNs }), pid: process.pid };
  context.out(jsonText(document, printed, mode, context));
}

/** Says what could not be read, and how it went therefore. */
export function noteProblems(problems: readonly Problem[], { note }: Context): Outcome {
  for (const { message } of problems) note(`warning: ${escapeForTerminal(message)}`);
  return problems.length === 0 ? 'complete' : 'partial';
}

/** Says how long the process stood still. */
export function notePause(pauseNs: bigint | undefined, { note, verbosity }: Context): void {
  if (verbosity === 0) return;
  const milliseconds = pauseNs === undefined ? undefined : (Number(pauseNs) / 1e6).toFixed(2);
  note(milliseconds === undefined ? 'not stopped' : `stopped for ${milliseconds} ms`);
}

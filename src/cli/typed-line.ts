import { BadArgumentError } from '../base/errors.ts';
import type { Context } from './context.ts';
import { runIntoShell } from './shell-output.ts';
import type { TypedLine } from './shell-words.ts';

/** Runs a command by its name and the words after it, and answers its exit status. */
export type RunCommand = (name: string, words: readonly string[], context: Context) => Promise<number>;

/**
 * Runs a line as it is typed at the prompt or given to `--cmd`: `stack --locals`, `stack | less`, `stack > file`.
 * @throws {BadArgumentError} for a line that is none
 */
export async function runTypedLine(
  { words, tail }: TypedLine,
  context: Context,
  runCommand: RunCommand,
): Promise<number> {
  const [name, ...others] = words;
  if (name === undefined)
    throw new BadArgumentError(
      tail === undefined
        ? 'Cannot run the command: it is empty'
        : `Cannot run the command: nothing stands before the ${tail.operator}`,
    );
  if (tail === undefined) return await runCommand(name, others, context);
  return await runIntoShell(tail, context, (piped) => runCommand(name, others, piped));
}

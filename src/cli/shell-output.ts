import type { ShellPipe } from '../api/prompt-host.ts';
import { BadArgumentError } from '../base/errors.ts';
import { PLAIN } from '../report/style.ts';
import type { Context } from './context.ts';
import { OUTCOME_STATUS } from './exit-status.ts';
import { nestInterruption } from './nested-interruption.ts';
import type { ShellTail } from './shell-words.ts';

/**
 * Runs a command with its output going to a program or a file: plain, and cut nowhere. The shell reads what was typed
 * behind the command, so that everything there means what it means in a shell. It is started when the first output is
 * there: a command that fails before leaves the file as it was.
 * @returns the command's own status; that of the program when the command succeeded
 */
export async function runIntoShell(
  tail: ShellTail,
  outer: Context,
  run: (context: Context) => Promise<number>,
): Promise<number> {
  const script = scriptOf(tail);
  using nested = nestInterruption(outer);
  let hasReadEnough = false;
  const close = (): void => {
    hasReadEnough = true;
    nested.interruption.interrupt(OUTCOME_STATUS.complete);
  };
  let pipe: Promise<ShellPipe> | undefined;
  const start = (): Promise<ShellPipe> => {
    pipe ??= outer.api.startShell(script, close);
    return pipe;
  };
  const status = await run({
    ...nested.context,
    style: PLAIN,
    columns: undefined,
    ask: undefined,
    out: (content) => {
      // That it could not be started is said at the end.
      start().then((started) => started.write(content), close);
    },
  });
  const isEmptyFailure = pipe === undefined && status !== OUTCOME_STATUS.complete;
  if (isEmptyFailure) return status;
  const shell = await start();
  const shellStatus = await shell.end();
  return hasReadEnough || status === OUTCOME_STATUS.complete ? shellStatus : status;
}

/** A file is written by the shell too, as it knows `~`, variables and quotes. */
function scriptOf({ operator, text }: ShellTail): string {
  if (text === '' || (operator === '|' && text.startsWith('|')))
    throw new BadArgumentError(
      operator === '|'
        ? 'Cannot run the command: a program must stand behind the |'
        : `Cannot run the command: a file must stand behind the ${operator}`,
    );
  return operator === '|' ? text : `exec cat ${operator} ${text}`;
}

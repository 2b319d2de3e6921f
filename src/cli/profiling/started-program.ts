import type { ProgramOptions } from '../../api/index.ts';
import { InspectorError } from '../../base/errors.ts';
import { mayBeTooEarly } from '../../base/may-be-too-early.ts';
import { ProgramEndedError } from '../../base/program-ended-error.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';

/** What is said of a process that has ended. */
const ENDED: ReadonlySet<string> = new Set(['no-such-process', 'process-exited', 'zombie-process']);

/** How long a program may take to come to its own end after Ctrl-C, and how often it is seen whether it has. */
const LAST_STEPS_MS = 10_000;
const STEP_MS = 50;

/** What programs end with that did nothing wrong, or were asked to end by us: 128 and the number of SIGTERM. */
const UNTOLD_STATUSES: ReadonlySet<number> = new Set([0, 143]);

/**
 * Starts a program and has it sampled from its beginning on. When its profile is taken it is asked to end, but for Ctrl-C, which
 * has reached it too: it is left the time to come to its own end.
 * @throws {ProgramEndedError} when it ends before there is a Python in it that can be looked at
 */
export async function sampleStarted(
  { words, ...options }: ProgramOptions & { readonly words: readonly string[] },
  context: Context,
  sample: (pid: number, context: Context) => Promise<Outcome>,
): Promise<Outcome> {
  const [command = '', ...args] = words;
  using program = await context.api.startProgram(command, args, options);
  let isInterrupted = false;
  let hasEnded = false;
  const ended = program.ended.then((status) => {
    hasEnded = true;
    return status;
  });
  const takeInterrupts: Context['takeInterrupts'] = (taker) =>
    context.takeInterrupts(() => {
      isInterrupted = true;
      return taker();
    });
  try {
    const outcome = await sample(program.pid, { ...context, takeInterrupts });
    const most = isInterrupted ? LAST_STEPS_MS : 0;
    for (let waited = 0; !hasEnded && waited < most; waited += STEP_MS)
      if ((await context.wait(STEP_MS)) === 'interrupted') break;
    program.end();
    const status = await ended;
    if (!UNTOLD_STATUSES.has(status)) context.note(`The program ended with status ${status}.`);
    return outcome;
  } catch (error) {
    if (!(error instanceof InspectorError)) throw error;
    if (ENDED.has(error.code) || (hasEnded && mayBeTooEarly(error)))
      throw new ProgramEndedError(command, await ended, { cause: error });
    throw error;
  }
}

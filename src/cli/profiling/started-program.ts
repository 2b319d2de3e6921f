import { InspectorError } from '../../base/errors.ts';
import { mayBeTooEarly } from '../../base/may-be-too-early.ts';
import { ProgramEndedError } from '../../base/program-ended-error.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';

/** What is said of a process that has ended. */
const ENDED: ReadonlySet<string> = new Set(['no-such-process', 'process-exited', 'zombie-process']);

/**
 * Starts a program and has it sampled from its beginning on.
 * @throws {ProgramEndedError} when it ends before there is a Python in it that can be looked at
 */
export async function sampleStarted(
  words: readonly string[],
  { api }: Context,
  sample: (pid: number) => Promise<Outcome>,
): Promise<Outcome> {
  const [command = '', ...args] = words;
  using program = await api.startProgram(command, args);
  let hasEnded = false;
  const ended = program.ended.then((status) => {
    hasEnded = true;
    return status;
  });
  try {
    return await sample(program.pid);
  } catch (error) {
    if (!(error instanceof InspectorError)) throw error;
    if (ENDED.has(error.code) || (hasEnded && mayBeTooEarly(error)))
      throw new ProgramEndedError(command, await ended, { cause: error });
    throw error;
  }
}

import type { Program } from '../api/index.ts';
import { CannotStartProgramError, InspectorError, mayBeTooEarly } from '../base/errors.ts';
import type { Context } from './context.ts';

/** How long a program may take until there is an interpreter in it. */
const START_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** What is said of a process that has ended, of which its parent has not heard yet. */
const JUST_ENDED: ReadonlySet<string> = new Set(['no-such-process', 'process-exited', 'zombie-process']);

/**
 * Starts a program and waits until there is a Python interpreter in it.
 * @throws {CannotStartProgramError} when it does not start, or ends before
 */
export async function startPython(words: readonly string[], { api }: Context): Promise<Program> {
  const [command = '', ...args] = words;
  const program = await api.startProgram(command, args);
  let status: number | undefined;
  void program.ended.then((ended) => {
    status = ended;
  });
  const giveUpAt = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      (await api.attach(program.pid, { native: false }))[Symbol.dispose]();
      return program;
    } catch (error) {
      if (status !== undefined)
        throw new CannotStartProgramError(command, `it ended with status ${status} before it ran Python`);
      const hasEnded = error instanceof InspectorError && JUST_ENDED.has(error.code);
      if ((hasEnded || mayBeTooEarly(error)) && Date.now() < giveUpAt) await pause();
      else {
        program[Symbol.dispose]();
        throw error;
      }
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LOOK_EVERY_MS);
  });
}

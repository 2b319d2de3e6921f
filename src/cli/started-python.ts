import type { Program } from '../api/index.ts';
import { CannotStartProgramError, InspectorError } from '../base/errors.ts';
import type { Context } from './context.ts';

/** How long a program may take until there is an interpreter in it. */
const START_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 5;

/** What is said of a process that has only just begun, or has ended and not been waited for. */
const NOT_YET: ReadonlySet<string> = new Set([
  'interpreter-not-found',
  'malformed-input',
  'no-such-process',
  'not-python',
  'process-exited',
  'process-replaced',
  'unreadable-memory',
  'unsupported-python',
  'zombie-process',
]);

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
      const isEarly = error instanceof InspectorError && NOT_YET.has(error.code);
      if (isEarly && Date.now() < giveUpAt) await pause();
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

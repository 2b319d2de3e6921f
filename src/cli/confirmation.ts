import { NotConfirmedError } from '../base/errors.ts';
import type { Context } from './context.ts';
import type { LineReader } from './prompt/line-editor.ts';

/** The option of commands that change the process. */
export const ALLOW_WRITE = {
  kind: 'flag',
  help: 'Do not ask whether the process may be changed',
} as const;

/**
 * Asks the person at the reader whether the process may be changed; `what` is to be done then.
 * @throws {NotConfirmedError} when the answer is not yes, or nobody is there to ask
 */
export async function confirmChange(
  reader: LineReader,
  { question, what }: { readonly question: string; readonly what: string },
  { input }: Context,
): Promise<void> {
  const prompt = `${question} Go on? [y/N] `;
  const answer = input.isTerminal ? await reader.read({ prompt, history: [] }) : undefined;
  if (answer?.kind !== 'line' || !/^y(es)?$/i.test(answer.text.trim())) throw new NotConfirmedError(what);
}

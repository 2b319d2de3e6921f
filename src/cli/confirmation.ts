import { NotConfirmedError } from '../base/errors.ts';
import type { Context } from './context.ts';
import type { LineReader } from './prompt/line-editor.ts';

/** Asks the person at the reader whether a process may be changed; where nobody is there, it may not. */
export async function confirm(
  reader: LineReader,
  { question, what }: { readonly question: string; readonly what: string },
  { input }: Pick<Context, 'input'>,
): Promise<void> {
  const prompt = `${question} Go on? [y/N] `;
  const answer = input.isTerminal ? await reader.read({ prompt, history: [] }) : undefined;
  if (answer?.kind !== 'line' || !/^y(es)?$/i.test(answer.text.trim())) throw new NotConfirmedError(what);
}

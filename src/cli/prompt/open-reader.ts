import type { Context } from '../context.ts';
import { type LentTerminal, LineEditor, type LineReader } from './line-editor.ts';
import { PlainLines } from './plain-lines.ts';

/** Opens what lines are read by: an editor where a person sits at a terminal that has codes for it. */
export async function openReader(context: Context): Promise<LineReader> {
  const terminal = await context.input.openTerminal?.();
  return terminal === undefined ? new PlainLines(context) : new LineEditor(terminal);
}

/** Hands out the reader of the prompt that a command was typed at, which goes on with it; else one of its own. */
export async function borrowReader(context: Context): Promise<LineReader> {
  const lender = context.session?.reader;
  if (lender !== undefined) return { read: (wish) => lender.read(wish), [Symbol.dispose]: () => undefined };
  const reader = await openReader(context);
  const forget = context.onInterrupt(() => reader[Symbol.dispose]());
  return {
    read: (wish) => reader.read(wish),
    [Symbol.dispose]: () => {
      forget();
      reader[Symbol.dispose]();
    },
  };
}

/** Hands out the terminal for a command that has a screen of its own; `undefined` where there is none that could. */
export async function borrowTerminal({ session, input }: Context): Promise<LentTerminal | undefined> {
  if (session?.reader !== undefined) return session.reader.lendTerminal?.();
  const terminal = await input.openTerminal?.();
  return terminal && { terminal, [Symbol.dispose]: () => undefined };
}

import { InspectorError } from '../base/errors.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { adviceFor } from './advice.ts';
import type { Context } from './context.ts';
import { ERROR_STATUS } from './exit-status.ts';

/** The status after an exception that is a bug of ours. */
const BUG_STATUS = 1;

/** Says on standard error what failed and what to type next, and answers the exit status. */
export function reportFailure(error: unknown, context: Context): number {
  if (!(error instanceof InspectorError)) return reportBug(error, context);
  context.note(`${context.style.red('error:')} ${escapeForTerminal(error.message)}`);
  for (const line of adviceFor(error, context))
    context.note(`  ${escapeForTerminal(asTyped(line, context))}`);
  if (context.verbosity > 0) noteCauses(error, context);
  return ERROR_STATUS[error.code];
}

/** Says what is wrong with the command line, and where its grammar stands. */
export function reportUsage(message: string, helpCommand: string, context: Context): void {
  context.note(`${context.style.red('error:')} ${message}`);
  context.note(`  ${asTyped(`${context.programName} ${helpCommand}`, context)}    shows what can be typed`);
}

/** A command line as it is typed where the person is: at our prompt, without the program's name. */
function asTyped(line: string, { programName, session }: Context): string {
  if (session?.isPrompt !== true || !line.startsWith(`${programName} `)) return line;
  return line
    .slice(programName.length + 1)
    .replace(' <pid>', '')
    .replace(/^--help/, 'help');
}

function reportBug(error: unknown, context: Context): number {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = context.verbosity > 0 ? 'the lines below' : 'what it prints with -v';
  context.note(
    `${context.style.red('error:')} a bug of ${context.programName} (${escapeForTerminal(what)}); please report it with ${hint}`,
  );
  if (context.verbosity > 0 && error instanceof Error) context.note(error.stack ?? what);
  return BUG_STATUS;
}

function noteCauses(error: InspectorError, context: Context): void {
  const seen = new Set<unknown>();
  for (let cause = error.cause; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    context.note(`  because: ${escapeForTerminal(cause.message)}`);
  }
}

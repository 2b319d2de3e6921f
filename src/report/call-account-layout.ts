import { escapeForTerminal } from '../base/escaping.ts';
import type { CallAccount, HookedFunction, StreamEnd } from '../model/function-calls.ts';
import type { Style } from './style.ts';

/** Says which function is hooked, and what is to be known of it. */
export function* hookedLines(
  command: string,
  { label, file, line, kind, notes }: HookedFunction,
  style: Style,
): Generator<string> {
  const what = kind === 'function' ? '' : `, ${kind === 'async generator' ? 'an' : 'a'} ${kind}`;
  const place = style.faint(`(${escapeForTerminal(file)}:${line}${what})`);
  yield `${style.green('✓')} ${command} is on ${style.bold(escapeForTerminal(label))} ${place}, press Ctrl-C to stop.`;
  for (const note of notes) yield `  ${escapeForTerminal(note)}`;
}

const REASONS: Readonly<Record<StreamEnd, string>> = {
  limit: 'as many as were wanted',
  time: 'the time is over',
  stopped: 'stopped',
  removed: 'somebody has removed the hook',
  detached: 'somebody has detached the agent',
  exit: 'the process has ended',
  overhead: 'it cost more than --max-overhead permits',
};

/** Renders the account of a stream: one line, and one more for each thing that did not go as it should. */
export function* accountLines(label: string, account: CallAccount): Generator<string> {
  const { reason, seen, matched, shown, costNs } = account;
  const cost = seen === 0 ? '' : `; each took ${(costNs / 1000).toFixed(1)} µs longer`;
  yield `${escapeForTerminal(label)}: ${REASONS[reason]}. ${counted(seen)} seen, ${matched} matched, ${shown} shown${cost}; ${restoredText(account)}.`;
  if (account.skipped > 0)
    yield `warning: ${counted(account.skipped)} not looked at, to keep the cost below --max-overhead`;
  if (account.dropped > 0)
    yield `warning: ${counted(account.dropped)} matched but not shown, as they came too fast`;
  if (account.expressionFailures > 0)
    yield `warning: expressions raised exceptions ${account.expressionFailures} times`;
  if (account.abandoned > 0)
    yield `note: ${counted(account.abandoned)} of the generator let go of before its end, which this Python does not tell`;
  if (account.ownFailures > 0)
    yield `warning: ${counted(account.ownFailures)} not told, since the agent failed: ${escapeForTerminal(account.lastFailure ?? '?')}`;
}

function restoredText({ isRestored, goesOn }: CallAccount): string {
  if (goesOn) return 'a call goes on, and until its end it is measured and the function stays hooked';
  return isRestored ? 'the function is as it was' : 'the function was changed meanwhile and is left alone';
}

function counted(count: number): string {
  return `${count} ${count === 1 ? 'call' : 'calls'}`;
}

import type {
  AgentSession,
  CallAccount,
  ExpressionFailure,
  HookedFunction,
  StreamEnd,
  StreamListener,
} from '../../api/index.ts';
import { NotInTargetError } from '../../base/errors.ts';
import { escapeForTerminal, escapeLines } from '../../base/escaping.ts';
import { accountLines, hookedLines } from '../../report/call-account-layout.ts';
import { accountToJson, hookedToJson } from '../../report/call-json.ts';
import type { JsonObject } from '../../report/json-value.ts';
import { askAgent, findInMemory } from '../agent/agent-question.ts';
import type { Level } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';

/** Which command hears calls, and how it was called. */
export interface CallCommand {
  readonly name: string;
  readonly pid: number;
  /** How the function was named. */
  readonly words: readonly string[];
  readonly how: string;
  readonly timeout: string | undefined;
  readonly json: JsonMode | undefined;
  /** L3 without it. */
  readonly level?: Level;
}

/** How a call is shown to people, and to programs. */
export interface CallManner<Call> {
  readonly lines: (call: Call, hooked: HookedFunction) => Iterable<string>;
  readonly document: (call: Call, hooked: HookedFunction) => JsonObject;
}

/** What a command needs to hear calls. */
export interface Hearing {
  readonly signal: AbortSignal;
  /** Says what is hooked, and what goes wrong on the way. */
  readonly opening: Omit<StreamListener<never>, 'onCall'>;
  /** Makes a listener of how calls are shown. */
  readonly listener: <Call>(manner: CallManner<Call>) => StreamListener<Call>;
}

/** What a command has heard. */
export interface Heard {
  readonly account: CallAccount;
  /** The last document, where the account is not all. */
  readonly document?: JsonObject;
}

/** Runs a stream of calls until it ends, says what is hooked and prints the account at the end. Ctrl-C ends it. */
export async function hearCalls(
  { name, pid, words, how, timeout, json, level = 'L3' }: CallCommand,
  context: Context,
  hear: (agent: AgentSession, hearing: Hearing) => Promise<Heard>,
): Promise<Outcome> {
  let found: HookedFunction | undefined;
  const print = (document: JsonObject): void =>
    context.out(jsonText(document, { command: name, level, pid }, 'jsonl', context));
  const tell = (lines: Iterable<string>): void => {
    for (const line of lines) context.note(line);
  };
  const opening: Hearing['opening'] = {
    onOpened: (hooked) => {
      found = hooked;
      if (json === undefined) tell(hookedLines(name, hooked, context.style));
      else print(hookedToJson(hooked));
    },
    onWaiting: (why) => context.note(`note: ${escapeForTerminal(why)}; waiting for it`),
    onFailure: (failure) => context.note(failureText(failure)),
  };
  const listener: Hearing['listener'] = ({ lines, document }) => ({
    ...opening,
    onCall: (call) => {
      if (found === undefined) return;
      if (json === undefined) outLines(lines(call, found), context);
      else print(document(call, found));
    },
  });
  const { account, document } = await endable(context, (nested) =>
    askAgent({ target: { kind: 'process', pid }, how, timeout }, nested, async (agent, signal) => {
      try {
        return await hear(agent, { signal, opening, listener });
      } catch (error) {
        const wanted = error instanceof NotInTargetError ? placeOf(words) : undefined;
        if (wanted !== undefined) await findInMemory(pid, wanted, context);
        throw error;
      }
    }),
  );
  if (json === undefined) tell(accountLines(found?.label ?? name, account));
  else print(document ?? accountToJson(account));
  return account.shown === 0 && account.reason === 'time' ? 'no-match' : OUTCOMES[account.reason];
}

/** The module and the names in it; `undefined` for words that only the process can take apart. */
function placeOf(words: readonly string[]): { module: string; path: readonly string[] } | undefined {
  const [first = '', ...more] = words;
  const [module = '', ...rest] = first.split(':');
  const path = [...rest, ...more].flatMap((word) => word.split('.'));
  const isClear = path.length > 0 && !module.endsWith('.py') && !path.includes('<locals>');
  return isClear ? { module, path } : undefined;
}

function failureText({ typeName, traceback }: ExpressionFailure): string {
  const words = `warning: the filter raised ${escapeForTerminal(typeName)}, and so the call was left out:`;
  return `${words}\n${escapeLines(traceback.trimEnd())}`;
}

const OUTCOMES: Readonly<Record<StreamEnd, Outcome>> = {
  limit: 'complete',
  time: 'complete',
  stopped: 'interrupted',
  removed: 'partial',
  detached: 'partial',
  exit: 'gone',
  overhead: 'partial',
};

/** Has the first Ctrl-C end the stream, so that its account can be told; a second one ends the program. */
export async function endable<Answer>(
  context: Context,
  run: (nested: Context) => Promise<Answer>,
): Promise<Answer> {
  const listeners = new Set<() => void>();
  let isEnding = false;
  const release = context.takeInterrupts(() => {
    if (isEnding) return false;
    isEnding = true;
    for (const listener of listeners) listener();
    return true;
  });
  try {
    return await run({
      ...context,
      onInterrupt: (listener) => {
        const forget = context.onInterrupt(listener);
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
          forget();
        };
      },
    });
  } finally {
    release();
  }
}

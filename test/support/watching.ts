import { join } from 'node:path';
import {
  type AgentSession,
  type CallAccount,
  formatObject,
  type HookedFunction,
  type WatchedCall,
  type WatchedValue,
  type WatchWish,
} from '../../src/api/index.ts';
import { budgetOf } from '../../src/model/value-extent.ts';
import type { AgentScene } from './agent-scene.ts';
import { programsSeenBy } from './target.ts';

/** What was seen of calls, and what they answered. */
export interface Watched {
  readonly hooked: HookedFunction;
  readonly calls: readonly WatchedCall[];
  readonly account: CallAccount;
  readonly answer: unknown;
}

/** A watch that is on. */
export interface OpenWatch {
  readonly hooked: HookedFunction;
  readonly calls: readonly WatchedCall[];
  /** Ends it, if it has not ended by itself. */
  stop(): Promise<CallAccount>;
  /** Its account, when it ends by itself. */
  readonly ended: Promise<CallAccount>;
}

/** Has the program load `called.py` under the name `called`. */
export async function loadCalled(scene: AgentScene): Promise<void> {
  const directory = join(programsSeenBy(scene.interpreter));
  await scene.tell(`sys.path.insert(0, ${JSON.stringify(directory)}); import called; say()`);
}

/** Begins to watch; the function is hooked when this comes back, as it is told then. */
export async function openWatch(agent: AgentSession, wish: WatchWish): Promise<OpenWatch> {
  const abort = new AbortController();
  const calls: WatchedCall[] = [];
  let ended: Promise<CallAccount> | undefined;
  const hooked = await new Promise<HookedFunction>((resolve, reject) => {
    const budget = budgetOf({ depth: 4 });
    ended = agent.watch(
      { budget, ...wish, signal: abort.signal },
      { onOpened: resolve, onCall: (call) => calls.push(call) },
    );
    ended.catch(reject);
  });
  const account = ended;
  if (account === undefined) throw new Error('it never began');
  return {
    hooked,
    calls,
    ended: account,
    stop: async () => {
      abort.abort();
      return await account;
    },
  };
}

/** Watches while the program evaluates an expression. */
export async function watchWhile(
  { agent, scene }: { readonly agent: AgentSession; readonly scene: AgentScene },
  wish: WatchWish,
  expression: string,
): Promise<Watched> {
  const watch = await openWatch(agent, { maxOverhead: undefined, ...wish });
  const answer = await scene.ask(expression);
  const account = await watch.stop();
  return { hooked: watch.hooked, calls: watch.calls, account, answer };
}

/** A value as text. */
export function watchedText(value: WatchedValue | undefined): string {
  if (value === undefined) return 'none';
  if (value.kind === 'failure') return `${value.failure.typeName} raised`;
  const { value: shown } = value.evaluation;
  return shown.kind === 'view' ? formatObject(shown.view, 2000) : shown.text;
}

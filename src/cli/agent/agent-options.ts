import type { AgentOptions, InjectionMethod } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { OptionSpecs } from '../command.ts';
import type { Context } from '../context.ts';

const AUTOMATIC = 'auto';
const METHODS = ['remote-debug', 'pending-call', 'thread-call'] as const satisfies readonly InjectionMethod[];

/** The options of every command that may bring the agent into a process. */
export const AGENT_OPTIONS = {
  how: {
    kind: 'choice',
    choices: [AUTOMATIC, ...METHODS],
    help: 'Way to bring the agent in',
  },
  timeout: {
    kind: 'text',
    valueName: 'seconds',
    help: 'Give up when the agent is not there in that time (5)',
  },
} as const satisfies OptionSpecs;

/** The option of commands that only talk to an agent which is inside already. */
export const ANSWER_OPTIONS = { timeout: AGENT_OPTIONS.timeout } as const satisfies OptionSpecs;

/** What the command line says about the agent, as the library wants it. */
export function agentOptionsOf(
  { how, timeout }: { readonly how?: string; readonly timeout: string | undefined },
  context: Context,
): AgentOptions {
  const { verbosity, note } = context;
  return {
    how: METHODS.find((method) => method === how),
    ...(timeout === undefined ? {} : { timeoutMs: timeoutMsOf(timeout) }),
    ...(verbosity === 0 ? {} : { onStep: (step: string) => note(`- ${escapeForTerminal(step)}`) }),
  };
}

function timeoutMsOf(given: string): number {
  const seconds = Number(given);
  if (/^[0-9.]+$/.test(given) && seconds >= 0.1 && seconds <= 3600) return seconds * 1000;
  throw new BadArgumentError(`Cannot use ${given} as --timeout: it must lie within 0.1 and 3600 seconds`);
}

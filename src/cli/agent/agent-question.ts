import type { AgentSession, EvaluationWish } from '../../api/index.ts';
import { BadArgumentError, isAboutMemory, NotInTargetError } from '../../base/errors.ts';
import { escapeLines } from '../../base/escaping.ts';
import type { Evaluation } from '../../model/agent.ts';
import { budgetOf } from '../../model/value-extent.ts';
import { evaluationToJson } from '../../report/evaluation-json.ts';
import { evaluationLines } from '../../report/evaluation-layout.ts';
import type { OptionSpecs } from '../command.ts';
import type { Context } from '../context.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import type { TargetChoice } from '../target-choice.ts';
import { extentOf, outValueLines, treeMannerOf } from '../value-options.ts';
import { AGENT_OPTIONS, agentOptionsOf } from './agent-options.ts';

/** The options of a command that memory answers, unless Python has to run in the process for it. */
export const EVALUATION_OPTIONS = {
  expr: {
    kind: 'text',
    short: 'e',
    valueName: 'expression',
    help: 'Python that runs in the process, with the names of the module',
  },
  raw: { kind: 'flag', short: 'r', help: "Show the value's own repr(), which runs in the process" },
  ...AGENT_OPTIONS,
} as const satisfies OptionSpecs;

/** What was typed of {@link EVALUATION_OPTIONS}, and how the answer is shown. */
export interface EvaluationWishes {
  readonly target: TargetChoice;
  readonly expr: string | undefined;
  readonly raw: boolean;
  readonly how: string;
  readonly timeout: string | undefined;
  readonly expand: number;
  readonly json: JsonMode | undefined;
}

/** Whether what was typed needs code in the process. */
export function needsAgent({ expr, raw }: Pick<EvaluationWishes, 'expr' | 'raw'>): boolean {
  return expr !== undefined || raw;
}

/** Talks to the agent in a process for one command. Ctrl-C calls off what runs there. */
export async function askAgent<Answer>(
  { target, ...wishes }: Pick<EvaluationWishes, 'target' | 'how' | 'timeout'>,
  context: Context,
  ask: (agent: AgentSession, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  if (target.kind === 'core')
    throw new BadArgumentError('Cannot run code with --core: there is no process to run it in');
  const abort = new AbortController();
  const forget = context.onInterrupt(() => abort.abort());
  try {
    const options = { ...agentOptionsOf(wishes, context), signal: abort.signal };
    using agent = await context.api.openAgent(target.pid, options);
    return await ask(agent, abort.signal);
  } finally {
    forget();
  }
}

/** What Python in a process is asked about: something in a module, which the expression knows under a name. */
export interface Subject {
  readonly command: string;
  readonly module: string;
  readonly path: readonly string[];
  readonly name: 'target' | 'instances';
}

/** Level L2: has an expression evaluated in a process, and writes what it has come to. */
export async function askExpression<Found extends Evaluation>(
  { command, module, path, name }: Subject,
  wishes: EvaluationWishes,
  context: Context,
  ask: (agent: AgentSession, wish: EvaluationWish) => Promise<Found>,
): Promise<Found> {
  const { target, expr, raw, expand, json } = wishes;
  using output = shownOutput(json, context);
  const budget = renderBudget(expand, context);
  const asked = { module, path: path.join('.'), expression: expr, repr: raw, budget };
  const evaluation = await askAgent(wishes, context, async (agent, signal) => {
    try {
      return await ask(agent, { ...asked, signal, onOutput: output.onOutput });
    } catch (error) {
      if (error instanceof NotInTargetError && target.kind === 'process')
        await findInMemory(target.pid, { module, path }, context);
      throw error;
    }
  });
  const expression = expr ?? name;
  if (json !== undefined) {
    const pid = target.kind === 'process' ? target.pid : undefined;
    const document = evaluationToJson({ module, path, expression }, evaluation);
    context.out(jsonText(document, { command, level: 'L2', pid }, json, context));
    return evaluation;
  }
  outValueLines(evaluationLines(expression, evaluation, treeMannerOf(expand, context)), context);
  return evaluation;
}

/**
 * Looks for what the agent has not found in memory, which knows what else there is. Nothing is wrong when it is there: of some
 * things only code that runs in the process knows.
 * @throws {NoSuchNameError} as without an expression
 */
export async function findInMemory(
  pid: number,
  wanted: { readonly module: string; readonly path: readonly string[] },
  { api }: Context,
): Promise<void> {
  try {
    using inspection = await api.attach(pid, { native: false });
    inspection.names(wanted);
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
  }
}

/** The bounds of the values that the agent renders. */
export function renderBudget(expand: number, context: Context) {
  return budgetOf(extentOf(expand, context));
}

/** Shows what the code of an expression prints: where the answer goes, or beside it where that is for programs. */
export function shownOutput(json: JsonMode | undefined, { out, note }: Context) {
  let held = '';
  return {
    onOutput: (text: string, stream: 'out' | 'err'): void => {
      if (stream === 'out' && json === undefined) {
        out(escapeLines(text));
        return;
      }
      const lines = (held + text).split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) note(escapeLines(line));
    },
    [Symbol.dispose]: (): void => {
      if (held !== '') note(escapeLines(held));
    },
  };
}

import type { AgentSession } from '../api/index.ts';
import { BadArgumentError } from '../base/errors.ts';
import { escapeLines } from '../base/escaping.ts';
import type { Evaluation } from '../model/agent.ts';
import { budgetOf } from '../model/value-extent.ts';
import { type Evaluated, evaluationToJson } from '../report/evaluation-json.ts';
import { evaluationLines } from '../report/evaluation-layout.ts';
import { AGENT_OPTIONS, agentOptionsOf } from './agent-options.ts';
import type { OptionSpecs } from './command.ts';
import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';
import { type JsonMode, jsonText } from './json-output.ts';
import { outLines } from './memory-question.ts';
import type { TargetChoice } from './target-choice.ts';
import { depthOf, noteIfCut, treeMannerOf } from './value-options.ts';

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

/** The bounds of the values that the agent renders. */
export function renderBudget(expand: number, { verbosity }: Context) {
  return budgetOf({ depth: depthOf(expand), whole: verbosity > 0 });
}

/** Writes what an expression has come to. */
export function outEvaluation(
  command: string,
  { target, json, expand }: EvaluationWishes,
  { evaluated, evaluation }: { readonly evaluated: Evaluated; readonly evaluation: Evaluation },
  context: Context,
): Outcome {
  const pid = target.kind === 'process' ? target.pid : undefined;
  if (json !== undefined) {
    const document = evaluationToJson(evaluated, evaluation);
    context.out(jsonText(document, { command, level: 'L2', pid }, json, context));
    return 'complete';
  }
  const { lines, isCut } = evaluationLines(evaluated.expression, evaluation, treeMannerOf(expand, context));
  outLines(lines, context);
  noteIfCut(isCut, context);
  return 'complete';
}

import type { ReloadReport, ReloadWish } from '../../api/index.ts';
import { BadArgumentError, NotConfirmedError } from '../../base/errors.ts';
import { reloadToJson } from '../../report/reload-json.ts';
import { reloadLines } from '../../report/reload-layout.ts';
import { AGENT_OPTIONS } from '../agent/agent-options.ts';
import { askAgent, shownOutput } from '../agent/agent-question.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../calls/function-options.ts';
import { defineCommand } from '../command.ts';
import { ALLOW_WRITE, confirmChange } from '../confirmation.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonOption, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';

const { mod, cls, func } = FUNCTION_OPTIONS;

/** `pyflight reload <pid> module [class] method`: puts the code of its file into a function that runs. */
export const reload = defineCommand({
  name: 'reload',
  summary: 'Put the new source of a function, from its file, into the process',
  level: 'L4',
  arguments: FUNCTION_ARGUMENTS,
  options: {
    dryRun: { kind: 'flag', help: 'Only show what would be changed' },
    undo: { kind: 'flag', help: 'Put back what was there before the last reload of it' },
    defaults: { kind: 'flag', help: 'Compute all its defaults anew' },
    line: {
      kind: 'text',
      valueName: 'number',
      help: 'A line of its definition, where its file has several of them',
    },
    mod,
    cls,
    func,
    allowWrite: ALLOW_WRITE,
    ...AGENT_OPTIONS,
    json: jsonOption('reload'),
  },
  examples: [
    ['reload 4242 shop.cart Cart add', 'shows what is new, and asks before it changes the process'],
    ['reload 4242 shop.cart:Cart.add --allow-write', 'in a script'],
    ['reload 4242 shop.cart Cart add --dry-run', 'changes nothing'],
    ['reload 4242 shop.cart Cart add --undo', 'puts back what was there before'],
  ],

  async run({ pid, dryRun, undo, defaults, line, allowWrite, how, timeout, json, ...typed }, context) {
    const named = functionWishOf({ ...typed, nestedMethod: undefined, wrapped: true, anyClass: false });
    if (undo && (defaults || line !== undefined))
      throw new BadArgumentError('Cannot use --undo with --defaults or --line: it puts back what was there');
    const asks = !dryRun && !allowWrite;
    if (asks && !context.input.isTerminal) throw new NotConfirmedError('reload it');
    const target = { kind: 'process', pid } as const;
    using output = shownOutput(json, context);
    const { onOutput } = output;
    const report = await askAgent({ target, how, timeout }, context, async (agent, signal) => {
      const wish: ReloadWish = {
        ...named,
        undo,
        defaults,
        line: lineOf(line),
        signal,
        onOutput,
      };
      if (asks) {
        const planned = await agent.reload({ ...wish, dryRun: true });
        if (planned.verdict === 'unchanged') return planned;
        await confirmPlan(planned, pid, context);
      }
      return await agent.reload({ ...wish, dryRun });
    });
    return outReport(report, { pid, dryRun, json }, context);
  },
});

function lineOf(given: string | undefined): number | undefined {
  if (given === undefined || /^[1-9][0-9]{0,8}$/.test(given))
    return given === undefined ? given : Number(given);
  throw new BadArgumentError(`Cannot use ${given} as --line: it must be the number of a line`);
}

/** Shows what is going to be changed, and asks the person who is there. */
async function confirmPlan(planned: ReloadReport, pid: number, context: Context): Promise<void> {
  const { borrowReader } = await import('../prompt/open-reader.ts');
  for (const line of reloadLines(planned, { style: context.style, asDiff: true, whole: true }))
    context.note(line);
  using reader = await borrowReader(context);
  const question = `This changes process ${pid} for all calls from now on.`;
  await confirmChange(reader, { question, what: 'reload it' }, context);
}

function outReport(
  report: ReloadReport,
  {
    pid,
    dryRun,
    json,
  }: { readonly pid: number; readonly dryRun: boolean; readonly json: JsonMode | undefined },
  context: Context,
): Outcome {
  const { verdict, isApplied, areDecoratorsChanged, inner, undoable } = report;
  const level = dryRun ? 'L2' : 'L4';
  if (json === undefined) {
    const asDiff = dryRun || verdict === 'undone';
    outLines(reloadLines(report, { style: context.style, asDiff, whole: context.verbosity > 0 }), context);
    if (isApplied && undoable > 0 && verdict !== 'undone')
      context.note('note: the same with --undo puts it back, until the agent is detached');
  } else context.out(jsonText(reloadToJson(report), { command: 'reload', level, pid }, json, context));
  if (context.verbosity > 0 && report.compileSeconds > 0)
    context.note(`- its file was compiled in ${(report.compileSeconds * 1000).toFixed(1)} ms`);
  const isPartial = areDecoratorsChanged === true || inner.some(({ left }) => left > 0);
  return isPartial ? 'partial' : 'complete';
}

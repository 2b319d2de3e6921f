import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { InstanceReport } from '../../model/instance-report.ts';
import { collectionToJson } from '../../report/evaluation-json.ts';
import { collectionLine } from '../../report/evaluation-layout.ts';
import { instanceLines } from '../../report/value-layout.ts';
import {
  askAgent,
  askExpression,
  EVALUATION_OPTIONS,
  type EvaluationWishes,
  needsAgent,
} from '../agent/agent-question.ts';
import { ALL } from '../bounds.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { jsonOption, jsonText } from '../json-output.ts';
import { askMemory, MEMORY_OPTIONS, notePause, noteProblems } from '../memory/memory-question.ts';
import { EXPAND_OPTION, extentOf, outValues, treeMannerOf } from '../value-options.ts';

/** `pyflight vmtool <pid> -a getInstances -c module class`: the objects of a class. */
export const vmtool = defineCommand({
  name: 'vmtool',
  summary: 'Print the instances of a class and of its subclasses, or collect garbage',
  level: 'L1',
  raised: { by: '-e, -r or -a forceGc', level: 'L2' },
  arguments: { target: { kind: 'target', help: 'Process to look into' } },
  options: {
    action: { kind: 'choice', short: 'a', choices: ['getInstances', 'forceGc'], help: 'What to do' },
    class: {
      kind: 'words',
      short: 'c',
      valueNames: ['module', 'class'],
      help: 'Class, which may be Outer.Inner; module:Class too',
      completes: ['module', 'class'],
    },
    limit: {
      kind: 'number',
      short: 'n',
      valueName: 'count',
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      all: ALL,
      whenAbsent: 10,
      help: 'Instances that are shown; all are counted, and an expression has all',
    },
    expand: { ...EXPAND_OPTION, whenAbsent: 1 },
    referrers: { kind: 'flag', help: 'Show what holds each of them' },
    ...EVALUATION_OPTIONS,
    ...MEMORY_OPTIONS,
    json: jsonOption('instances'),
  },
  examples: [
    ['vmtool 4242 -a getInstances -c shop.cart Cart', 'how many there are, and ten of them'],
    ['vmtool 4242 -c shop.cart:Cart -n 3 -x 2', 'three of them, deeper'],
    ['vmtool 4242 -c shop.cart Cart -n 1 --referrers', 'what keeps one alive'],
    [
      'vmtool 4242 -c shop.cart Cart -e "[cart.owner for cart in instances]"',
      'what Python in the process makes of them',
    ],
    ['vmtool 4242 -a forceGc', 'has the garbage collector run there'],
    ['vmtool --core core.4242 -c shop.cart Cart -n 0', 'how many a process had that is gone'],
  ],

  async run(values, context) {
    const { action, class: words, limit, expand, referrers, json, ...wishes } = values;
    if (action === 'forceGc') return await forceGc(values, context);
    const [module, className] = words ?? [];
    if (module === undefined || className === undefined)
      throw new BadArgumentError('Cannot look for instances of no class: name it with -c <module> <class>');
    if (referrers && needsAgent(values))
      throw new BadArgumentError(
        'Cannot use --referrers with --expr or --raw: memory alone tells who holds what',
      );
    if (needsAgent(values)) return await evaluate({ module, className, limit }, values, context);
    const wanted = { module, className, limit: limit === ALL ? MOST_SHOWN : limit, referrers };
    const report = await askMemory(wishes, context, (inspection, pause) =>
      inspection.instances({ ...wanted, ...extentOf(expand, context), ...pause }),
    );
    const toJson = async () => (await import('../../report/values-json.ts')).instancesToJson(report);
    const toLines = () => instanceLines(report, treeMannerOf(expand, context));
    await outValues({ command: 'vmtool', ...report, json, toJson, toLines }, context);
    noteUntracked(report, context);
    notePause(report.pauseNs, context);
    return noteProblems(report.problems, context);
  },
});

/** Level L2: Python code runs in the process, as it does for an expression. */
async function forceGc({ target, how, timeout, json }: EvaluationWishes, context: Context): Promise<Outcome> {
  const collection = await askAgent({ target, how, timeout }, context, (agent, signal) =>
    agent.forceGc(signal),
  );
  const pid = target.kind === 'process' ? target.pid : undefined;
  const printed = { command: 'vmtool', level: 'L2', pid } as const;
  if (json === undefined) context.out(`${collectionLine(collection)}\n`);
  else context.out(jsonText(collectionToJson(collection), printed, json, context));
  return 'complete';
}

interface WantedInstances {
  readonly module: string;
  readonly className: string;
  readonly limit: number;
}

async function evaluate(
  wanted: WantedInstances,
  wishes: EvaluationWishes,
  context: Context,
): Promise<Outcome> {
  const { module, className, limit } = wanted;
  const { expr, json } = wishes;
  const subject = { command: 'vmtool', module, path: className.split('.'), name: 'instances' } as const;
  const { total } = await askExpression(subject, wishes, context, (agent, wish) =>
    // An expression has all of them, as only that knows which it wants.
    agent.instances({ ...wish, limit: expr === undefined ? limit : ALL }),
  );
  if (json === undefined) noteTotal(total, { ...wanted, expr }, context);
  return 'complete';
}

function noteTotal(
  total: number,
  { module, className, limit, expr }: WantedInstances & { readonly expr: string | undefined },
  { note }: Context,
): void {
  const isPart = expr === undefined && limit !== -1 && limit < total;
  const count = isPart ? `${limit} of ${total}` : `${total}`;
  note(escapeForTerminal(`note: instances are ${count} of ${module}:${className} and its subclasses`));
}

/** All that can be of any use; a million addresses are a few MB. */
const MOST_SHOWN = 1_000_000;

function noteUntracked({ untracked, className }: InstanceReport, { note }: Context): void {
  if (untracked === 'all')
    note(
      `note: the collector tracks no instances of ${className}, as they can hold no other objects; its lists have only those of subclasses that can`,
    );
  if (untracked === 'some')
    note(
      `note: the collector tracks a ${className} only when it holds something that it tracks; others are in none of its lists`,
    );
}

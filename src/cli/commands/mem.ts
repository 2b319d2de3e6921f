import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { ALLOCATION_GROUPINGS } from '../../model/allocation-report.ts';
import { compareHeaps, type HeapComparison } from '../../model/heap-comparison.ts';
import type { HeapFigures, HeapSummary } from '../../model/heap-summary.ts';
import type { Problem } from '../../model/problem.ts';
import { type HeapManner, heapComparisonLines, heapSummaryLines } from '../../report/heap-layout.ts';
import { heapComparisonToJson, heapSummaryToJson } from '../../report/heap-summary-json.ts';
import { formatJson } from '../../report/json-value.ts';
import { AGENT_OPTIONS } from '../agent/agent-options.ts';
import { ALL, boundOf } from '../bounds.ts';
import { secondsOf } from '../calls/stream-options.ts';
import { defineCommand, type Values } from '../command.ts';
import type { Context } from '../context.ts';
import { endAtInterrupt } from '../ending.ts';
import type { Outcome } from '../exit-status.ts';
import { jsonOption, jsonText } from '../json-output.ts';
import { levelOfHeapLook, lookAtHeap } from '../memory/heap-look.ts';
import { traceAllocations } from '../memory/mem-alloc.ts';
import { tellLargest, tellReferrers } from '../memory/mem-chains.ts';
import {
  MEMORY_OPTIONS,
  notePause,
  noteProblems,
  openMemory,
  outDocument,
} from '../memory/memory-question.ts';
import { outLines } from '../out-lines.ts';
import type { TargetChoice } from '../target-choice.ts';

const ARGUMENTS = {
  target: { kind: 'optional-target', help: 'Process to look into' },
  action: { kind: 'optional-word', help: 'summary, diff, referrers, top or alloc' },
  words: {
    kind: 'rest',
    completes: ['file', 'file'],
    help: 'Of diff: summaries that were saved; of referrers: module and class, or an address',
  },
} as const;

const OPTIONS = {
  limit: {
    kind: 'number',
    short: 'n',
    valueName: 'count',
    least: 1,
    most: 1_000_000,
    all: ALL,
    whenAbsent: 10,
    help: 'Types that are shown, chains or objects',
  },
  order: {
    kind: 'choice',
    choices: ['descending', 'ascending'],
    help: 'The largest first, of diff those that grew most, or the other way round',
  },
  interval: {
    kind: 'text',
    valueName: 'time',
    help: 'Of diff: how long to wait between two summaries (15s): 8s, 2m, 1h',
  },
  save: {
    kind: 'text',
    valueName: 'file',
    completes: 'file',
    help: 'Write the summary to a file too, of diff the second one, to compare it with another later',
  },
  agent: { kind: 'flag', help: 'Of summary and diff: have the interpreter itself count, by an agent' },
  duration: {
    kind: 'text',
    short: 'd',
    valueName: 'time',
    help: 'Of alloc: how long allocations are traced: 30s, 5m (10s)',
  },
  by: {
    kind: 'choice',
    choices: ALLOCATION_GROUPINGS,
    help: 'Of alloc: sum up by the line that allocates, by its file, or by it and its callers',
  },
  ...MEMORY_OPTIONS,
  ...AGENT_OPTIONS,
  json: jsonOption('heap-summary'),
} as const;

/** What can be asked. */
const ACTIONS = ['summary', 'diff', 'referrers', 'top', 'alloc'] as const;

type Action = (typeof ACTIONS)[number];

/** Options that say nothing of other actions, with what stands there when they are not typed. */
const OPTIONS_OF: readonly (readonly [
  name: 'order' | 'by' | 'agent' | 'save' | 'interval' | 'duration',
  usual: string | boolean | undefined,
  of: readonly Action[],
])[] = [
  ['order', OPTIONS.order.choices[0], ['summary', 'diff', 'alloc']],
  ['by', OPTIONS.by.choices[0], ['alloc']],
  ['agent', false, ['summary', 'diff']],
  ['save', undefined, ['summary', 'diff']],
  ['interval', undefined, ['diff']],
  ['duration', undefined, ['alloc']],
];

const USUAL_INTERVAL = '15s';

type Typed = Values<typeof OPTIONS, typeof ARGUMENTS>;
type TypedOfTarget = Typed & { readonly target: TargetChoice };

/** `pyflight mem <pid>`: what the objects of a process take, how that changes, and what holds them. */
export const mem = defineCommand({
  name: 'mem',
  summary: 'Count and measure the objects of a process, and tell what holds them',
  level: 'L1',
  raised: { by: '--agent L2, with alloc', level: 'L3' },
  arguments: ARGUMENTS,
  options: OPTIONS,
  examples: [
    ['mem 4242 summary', 'the ten types that take most, and what memory the process has besides'],
    ['mem 4242 summary --limit 100 --order ascending', 'a hundred of those that take least'],
    ['mem 4242 diff --interval 2m', 'what grew and shrank within two minutes'],
    ['mem 4242 summary --agent', 'the same as the interpreter itself measures it'],
    ['mem 4242 summary --save monday.json', 'keeps it, to compare it with later'],
    ['mem 4242 diff monday.json', 'what became of it since'],
    ['mem diff monday.json friday.json', 'two that were saved'],
    [
      'mem 4242 referrers shop.cart Cart',
      'what keeps its instances alive, from a module, a call or a thread on',
    ],
    ['mem 4242 referrers 0x7f53c0a1b2c0', 'the same of one object'],
    ['mem 4242 top', 'the largest lists, dicts, strings and others, and where they hang'],
    [
      'mem 4242 alloc -d 30s --by traceback',
      'what is allocated in half a minute and stays, and who called for it',
    ],
    ['mem --core core.4242 summary', 'of a process that is gone'],
  ],

  async run(values, context) {
    const { target, words } = values;
    const action = ACTIONS.find((each) => each === values.action);
    if (action === undefined)
      throw new BadArgumentError(
        `Cannot tell what to do${values.action === undefined ? '' : ` with ${values.action}`}: choose one of ${ACTIONS.join(', ')}`,
      );
    refuseOthers(action, values);
    if (action === 'diff' && words.length >= 2) return await compareFiles(values, context);
    if (target === undefined)
      throw new BadArgumentError('Cannot look into nothing: name a process id, or a core file with --core');
    const ofTarget = { ...values, target };
    if (action === 'diff') return await compareLooks(ofTarget, context);
    if (action === 'referrers') return await tellReferrers(words, ofTarget, context);
    if (words.length > 0)
      throw new BadArgumentError(`Cannot use ${words.join(' ')} with ${action}: it takes no more words`);
    return await askOfTarget(action, ofTarget, context);
  },
});

/** @throws {BadArgumentError} for an option that says nothing of the action */
function refuseOthers(action: Action, values: Typed): void {
  for (const [name, usual, actions] of OPTIONS_OF)
    if (values[name] !== usual && !actions.includes(action))
      throw new BadArgumentError(`Cannot use --${name} with ${action}: it is of ${actions.join(' and ')}`);
}

async function askOfTarget(
  action: 'summary' | 'top' | 'alloc',
  values: TypedOfTarget,
  context: Context,
): Promise<Outcome> {
  switch (action) {
    case 'top':
      return await tellLargest(values, context);
    case 'alloc':
      return await traceAllocations(values, context);
    default:
      return await summarize(values, context);
  }
}

async function summarize(values: TypedOfTarget, context: Context): Promise<Outcome> {
  const { json } = values;
  const summary = await openMemory(values, context, (inspection, pause) =>
    lookAtHeap({ inspection, pause }, values, context),
  );
  const level = levelOfHeapLook(summary, values.agent);
  if (json !== undefined)
    outDocument('mem', summary, { document: heapSummaryToJson(summary), mode: json, level }, context);
  else outLines(heapSummaryLines(summary, mannerOf(values, context)), context);
  await save(values.save, summary, context);
  notePause(summary.pauseNs, context);
  return noteProblems(summary.problems, context);
}

async function compareFiles(values: Typed, context: Context): Promise<Outcome> {
  const [first = '', second = '', ...others] = values.words;
  if (others.length > 0 || values.save !== undefined)
    throw new BadArgumentError(
      'Cannot compare these files: two summaries are compared, and neither is saved once more',
    );
  const before = await context.api.readHeapFigures(first);
  const after = await context.api.readHeapFigures(second);
  outComparison(
    compareHeaps(before, after),
    { values, pauseNs: undefined, pid: undefined, problems: [] },
    context,
  );
  return 'complete';
}

/** Compares what is there now with a file, or with what is there later. */
async function compareLooks(values: TypedOfTarget, context: Context): Promise<Outcome> {
  const [file] = values.words;
  if (file === undefined && values.target.kind === 'core')
    throw new BadArgumentError(
      'Cannot wait for a core to change: name a summary that was saved to compare it with',
    );
  const { before, after, waited } = await openMemory(values, context, async (inspection, pause) => {
    const look = () => lookAtHeap({ inspection, pause }, values, context);
    const earlier = file === undefined ? await look() : await context.api.readHeapFigures(file);
    const end =
      file === undefined ? await waitFor(secondsOf(values.interval ?? USUAL_INTERVAL), context) : 'elapsed';
    return { before: earlier, after: await look(), waited: end };
  });
  const problems = distinct([...problemsOf(before), ...after.problems]);
  const { pauseNs, pid } = after;
  outComparison(compareHeaps(before, after), { values, pauseNs, pid, problems }, context);
  await save(values.save, after, context);
  notePause(after.pauseNs, context);
  const outcome = noteProblems(problems, context);
  return waited === 'interrupted' ? 'interrupted' : outcome;
}

/** Those of a summary that was saved were told when it was. */
function problemsOf(figures: HeapFigures | HeapSummary): readonly Problem[] {
  return 'problems' in figures ? figures.problems : [];
}

interface Asked {
  readonly values: Typed;
  readonly pauseNs: bigint | undefined;
  readonly pid: number | undefined;
  readonly problems: readonly Problem[];
}

function outComparison(
  comparison: HeapComparison,
  { values, pauseNs, pid, problems }: Asked,
  context: Context,
): void {
  const printed = { command: 'mem', level: levelOfHeapLook({ pauseNs }, values.agent), pid };
  if (values.json !== undefined)
    context.out(jsonText(heapComparisonToJson(comparison, problems), printed, values.json, context));
  else outLines(heapComparisonLines(comparison, mannerOf(values, context)), context);
  noteUnlikeCounts(comparison, context);
}

/** What a file of an earlier pyflight was counted by is not known. */
function noteUnlikeCounts({ before, after }: HeapComparison, { note }: Context): void {
  if (before.isCountedInside === undefined || after.isCountedInside === undefined) return;
  if (before.isCountedInside === after.isCountedInside) return;
  const [inside, outside] = before.isCountedInside ? ['first', 'second'] : ['second', 'first'];
  note(
    `the ${inside} was counted by the interpreter itself (--agent), the ${outside} from outside, where more objects are found`,
  );
}

/** Ctrl-C ends the waiting, and not the comparison. */
async function waitFor(seconds: number, context: Context): Promise<'elapsed' | 'interrupted'> {
  const { status, note } = context;
  if (status === undefined) note(`comparing with what is there in ${seconds} s`);
  let release = () => {};
  const pressed = new Promise<'interrupted'>((resolve) => {
    release = endAtInterrupt(context, () => resolve('interrupted'));
  });
  let end: 'elapsed' | 'interrupted' = 'elapsed';
  for (let left = seconds; left > 0 && end === 'elapsed'; left -= 1) {
    status?.show(`comparing with what is there in ${Math.ceil(left)} s; Ctrl-C does so at once`);
    end = await Promise.race([context.wait(Math.min(left, 1) * 1000), pressed]);
  }
  status?.show('');
  release();
  return end;
}

async function save(path: string | undefined, summary: HeapSummary, { api, note }: Context): Promise<void> {
  if (path === undefined) return;
  await api.writeTextFile(path, `${formatJson(heapSummaryToJson(summary), 2)}\n`);
  note(`written to ${escapeForTerminal(path)}`);
}

function mannerOf({ limit, order }: Typed, { style, columns }: Context): HeapManner {
  return { limit: boundOf(limit), order, style, width: columns };
}

/** Both looks may say the same. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}

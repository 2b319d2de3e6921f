import type { RecordedCall, RecordStore } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { formatBytes, formatSeconds } from '../../base/quantities.ts';
import type { CallDetails } from '../../model/recorded-calls.ts';
import { budgetOf } from '../../model/value-extent.ts';
import {
  deletionToJson,
  detailsToJson,
  recordedEventToJson,
  recordingEndToJson,
  recordListToJson,
} from '../../report/recorded-call-json.ts';
import {
  detailLines,
  listNotes,
  recordHeading,
  recordLine,
  recordTable,
} from '../../report/recorded-call-layout.ts';
import { AGENT_OPTIONS, agentOptionsOf } from '../agent/agent-options.ts';
import { EVALUATION_OPTIONS, renderBudget, shownOutput } from '../agent/agent-question.ts';
import { hearCalls } from '../calls/call-stream.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../calls/function-options.ts';
import { askRecord, askRecords } from '../calls/record-question.ts';
import { LIMIT_OPTION, STREAM_OPTIONS, secondsOf, streamWishOf } from '../calls/stream-options.ts';
import { defineCommand, type Level, type Values } from '../command.ts';
import { confirmChange } from '../confirmation.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { jsonOption, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';
import { EXPAND_OPTION, expandAround, outValueLines, treeMannerOf } from '../value-options.ts';

/** Around the arguments there is a tuple of them. */
const LEVELS_AROUND = 1;
/** Of the trees that `--copy` keeps, which are shown at any `-x` later. */
const COPIED_DEPTH = 6;
const USUAL_KEEP_SECONDS = 300;
const USUAL_REPLAY_SECONDS = 30;
const MEBIBYTE = 2 ** 20;

const OPTIONS = {
  timeTunnel: { kind: 'flag', short: 't', help: 'Record the calls of a function, and show a row for each' },
  list: { kind: 'flag', short: 'l', help: 'List the recorded calls' },
  index: { kind: 'text', short: 'i', valueName: 'index', help: 'Show one with its values' },
  play: {
    kind: 'flag',
    short: 'p',
    help: 'With -i: call the function once more with the original objects, as a new record',
  },
  delete: { kind: 'text', short: 'd', valueName: 'index', help: 'Let go of one' },
  deleteAll: { kind: 'flag', help: 'Let go of all', also: ['-da'] },
  ...STREAM_OPTIONS,
  exception: { kind: 'flag', short: 'e', help: 'With -t: only calls that end with an exception' },
  limits: { ...LIMIT_OPTION, whenAbsent: 50, help: 'With -t: end after so many' },
  copy: {
    kind: 'flag',
    help: 'With -t: keep how arguments look when the call begins, and its result when it ends',
  },
  deepCopy: {
    kind: 'flag',
    help: 'The same, and copies of the arguments for -p, by copy.deepcopy, which may run code of the program in its own calls',
  },
  budget: {
    kind: 'text',
    valueName: 'MiB',
    help: 'With -t: drop the oldest when all records hold more than this, by an estimate (64)',
  },
  keep: {
    kind: 'text',
    valueName: 'time',
    help: 'With -t: keep the agent and its records so long after its last client has gone (5m)',
  },
  method: {
    kind: 'text',
    short: 'm',
    valueName: 'name',
    help: 'With -l: only calls of module.class.method (None for no class); * stands for any characters',
  },
  expand: { ...EXPAND_OPTION, whenAbsent: 1 },
  raw: { ...EVALUATION_OPTIONS.raw, help: "Show the values' own repr(), which runs in the process" },
  yes: {
    kind: 'flag',
    help: 'With -p: do not ask whether its effects may be repeated',
    also: ['--allow-write'],
  },
  ...FUNCTION_OPTIONS,
  ...AGENT_OPTIONS,
  json: jsonOption('records'),
} as const;

type Typed = Values<typeof OPTIONS, typeof FUNCTION_ARGUMENTS>;

/** `pyflight tt <pid>`: calls that are kept, to be looked at and made once more. */
export const tt = defineCommand({
  name: 'tt',
  summary: 'Record calls of a function, look at them later, and repeat one',
  level: 'L2',
  raised: { by: '-t L3, with -p or --deep-copy', level: 'L4' },
  arguments: FUNCTION_ARGUMENTS,
  options: OPTIONS,
  examples: [
    ['tt 4242 -t shop.cart Cart add', 'records the next 50 calls'],
    ['tt 4242 -t shop.orders:submit -e --copy', 'those that fail, with the arguments as they were'],
    ['tt 4242 -l -f "exc is not None"', 'those that failed'],
    ['tt 4242 -i 1000 -x 3', 'one with its values'],
    ['tt 4242 -i 1000 -p', 'calls it once more, after a question'],
    ['tt 4242 -da', 'lets go of all'],
  ],

  async run(typed, context) {
    const chosen = chosenMode(typed);
    if (chosen !== 'timeTunnel' && typed.words.length > 0)
      throw new BadArgumentError(
        `Cannot use ${typed.words.join(' ')} here: a function is named with -t, or with -m in a list`,
      );
    if (typed.play && chosen !== 'index')
      throw new BadArgumentError('Cannot repeat a call without its index: use -p with -i');
    return await MODES[chosen](typed, context);
  },
});

type Mode = 'timeTunnel' | 'list' | 'index' | 'delete' | 'deleteAll';

function chosenMode(typed: Typed): Mode {
  const modes = (['timeTunnel', 'list', 'index', 'delete', 'deleteAll'] as const).filter(
    (mode) => typed[mode] !== undefined && typed[mode] !== false,
  );
  const [mode] = modes;
  if (mode === undefined || modes.length > 1)
    throw new BadArgumentError('Cannot tell what to do: use exactly one of -t, -l, -i, -d and -da');
  return mode;
}

const MODES: Readonly<Record<Mode, (typed: Typed, context: Context) => Promise<Outcome>>> = {
  timeTunnel: record,
  list,
  index: async (typed, context) => await (typed.play ? replay : show)(typed, context),
  delete: deleteOne,
  deleteAll,
};

async function record(typed: Typed, context: Context): Promise<Outcome> {
  const { exception, limits, copy, deepCopy, budget, keep } = typed;
  const keepSeconds = keep === undefined ? USUAL_KEEP_SECONDS : secondsOf(keep);
  const wish = {
    ...functionWishOf(typed),
    ...streamWishOf(typed),
    onlyErrors: exception,
    limit: limits,
    copy,
    deepCopy,
    keepBytes: budget === undefined ? undefined : bytesOf(budget),
    keepSeconds,
    budget: budgetOf({ depth: COPIED_DEPTH, whole: context.verbosity > 0 }),
  };
  let store: RecordStore | undefined;
  let isFirst = true;
  const level: Level = deepCopy ? 'L4' : 'L3';
  const outcome = await hearCalls(
    { ...typed, name: 'tt', level },
    context,
    async (agent, { signal, listener }) => {
      const answer = await agent.record(
        { ...wish, signal },
        listener<RecordedCall>({
          *lines(call, hooked) {
            const table = recordTable([hooked], context.columns);
            if (isFirst) yield* recordHeading(table, context.style);
            isFirst = false;
            yield recordLine(call, table);
          },
          document: recordedEventToJson,
        }),
      );
      ({ store } = answer);
      return { account: answer.account, document: recordingEndToJson(answer.account, answer.store) };
    },
  );
  if (store !== undefined) noteStore(store, keepSeconds, context);
  return outcome;
}

function noteStore({ count, bytes, budget, dropped }: RecordStore, seconds: number, { note }: Context): void {
  if (dropped > 0)
    note(
      `warning: ${dropped} of the oldest were dropped, to hold no more than ${formatBytes(budget)} (--budget)`,
    );
  note(
    `note: ${count} recorded, which hold about ${formatBytes(bytes)}; they go with detach, or ${formatSeconds(seconds)} after the last client (--keep)`,
  );
}

async function list(typed: Typed, context: Context): Promise<Outcome> {
  const { pid, method, filter, json } = typed;
  const found = await askRecords(
    typed,
    context,
    async (records, signal) => await records.list({ method, filter, signal }),
  );
  if (found === undefined)
    context.note(`note: no agent is inside process ${pid}, and so no calls are recorded`);
  const shown = found ?? { records: [], matched: 0, failures: 0, failure: undefined, store: NO_STORE };
  if (json !== undefined)
    context.out(jsonText(recordListToJson(shown), { command: 'tt', level: 'L2', pid }, json, context));
  else {
    const table = recordTable(shown.records, context.columns);
    const heading = recordHeading(table, context.style);
    outLines([...heading, ...shown.records.map((call) => recordLine(call, table))], context);
  }
  for (const line of listNotes(shown)) context.note(line);
  const isSearch = method !== undefined || filter !== undefined;
  return isSearch && shown.matched === 0 ? 'no-match' : 'complete';
}

const NO_STORE: RecordStore = { count: 0, bytes: 0, budget: 64 * MEBIBYTE, dropped: 0 };

async function show(typed: Typed, context: Context): Promise<Outcome> {
  const index = indexOf(typed.index);
  using output = shownOutput(typed.json, context);
  const call = await askRecord(
    typed,
    context,
    async (records, signal) =>
      await records.show(index, { ...shownAs(typed, context), signal, onOutput: output.onOutput }),
  );
  outDetails(call, 'L2', typed, context);
  return 'complete';
}

async function replay(typed: Typed, context: Context): Promise<Outcome> {
  const index = indexOf(typed.index);
  const { timeoutMs = USUAL_REPLAY_SECONDS * 1000 } = agentOptionsOf(typed, context);
  if (!typed.yes) await confirmReplay(index, typed.pid, context);
  using output = shownOutput(typed.json, context);
  const call = await askRecord(
    typed,
    context,
    async (records, signal) =>
      await records.replay(index, {
        ...shownAs(typed, context),
        seconds: timeoutMs / 1000,
        signal,
        onOutput: output.onOutput,
      }),
  );
  outDetails(call, 'L4', typed, context);
  for (const note of call.notes) context.note(`note: ${escapeForTerminal(note)}`);
  return 'complete';
}

async function confirmReplay(index: number, pid: number, context: Context): Promise<void> {
  // Loaded when a line is read: node:readline takes 4 ms.
  const { borrowReader } = await import('../prompt/open-reader.ts');
  using reader = await borrowReader(context);
  const question = `Process ${pid} calls the function of ${index} once more: whatever that changes is changed again.`;
  await confirmChange(reader, { question, what: 'repeat a call' }, context);
}

function shownAs({ raw, expand }: Typed, context: Context) {
  return { repr: raw, budget: renderBudget(expandAround(LEVELS_AROUND, expand), context) };
}

function outDetails(call: CallDetails, level: Level, { pid, expand, json }: Typed, context: Context): void {
  if (json !== undefined) {
    context.out(jsonText(detailsToJson(call), { command: 'tt', level, pid }, json, context));
    return;
  }
  const manner = treeMannerOf(expandAround(LEVELS_AROUND, expand), context);
  outValueLines(detailLines(call, manner), context);
}

async function deleteOne(typed: Typed, context: Context): Promise<Outcome> {
  const index = indexOf(typed.delete);
  await askRecord(typed, context, async (records) => {
    await records.delete(index);
    return true;
  });
  outDeletion({ indices: [index], count: 1 }, typed, context);
  return 'complete';
}

async function deleteAll(typed: Typed, context: Context): Promise<Outcome> {
  const count = (await askRecords(typed, context, async (records) => await records.clear())) ?? 0;
  outDeletion({ indices: 'all', count }, typed, context);
  return 'complete';
}

function outDeletion(
  { indices, count }: { readonly indices: readonly number[] | 'all'; readonly count: number },
  { pid, json }: Typed,
  context: Context,
): void {
  const { out, style } = context;
  if (json !== undefined)
    out(jsonText(deletionToJson(indices, count), { command: 'tt', level: 'L2', pid }, json, context));
  else if (indices === 'all') out(style.green(`all recorded calls deleted (${count})`).concat('\n'));
  else out(style.green(`index ${indices.join(', ')} deleted`).concat('\n'));
}

function indexOf(given: string | undefined): number {
  const index = Number(given);
  if (given !== undefined && /^[0-9]{1,15}$/u.test(given)) return index;
  throw new BadArgumentError(
    `Cannot use ${given ?? 'nothing'} as an index: it is the number in the first column of -l`,
  );
}

function bytesOf(given: string): number {
  const bytes = Math.round(Number(given) * MEBIBYTE);
  if (/^[0-9.]+$/u.test(given) && bytes > 0 && bytes <= 2 ** 40) return bytes;
  throw new BadArgumentError(`Cannot use ${given} as --budget: it is a number of MiB, as 64`);
}

import type { Inspection, SnapshotOptions } from '../../api/index.ts';
import { BadArgumentError, NotBuiltYetError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { formatPythonVersion } from '../../model/python-version.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isComplete, problemsOf } from '../../model/snapshot-problems.ts';
import { faulthandlerLines } from '../../report/faulthandler-layout.ts';
import { formatJson } from '../../report/json-value.ts';
import { lockRemarks } from '../../report/lock-remarks.ts';
import { pyflameLines } from '../../report/pyflame-layout.ts';
import { type NativeChoice, pystackLines } from '../../report/pystack-layout.ts';
import { snapshotToJson } from '../../report/snapshot-json.ts';
import { PLAIN, type Style } from '../../report/style.ts';
import { threadRemarks } from '../../report/thread-remarks.ts';
import { defineCommand, type Values } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { nativeChoice, nativeOption, nativeWish } from '../native-modes.ts';
import { watchStacks } from '../watch.ts';

const options = {
  locals: { kind: 'flag', help: 'Show arguments and local variables of every frame' },
  locks: { kind: 'flag', help: 'Say of each blocked thread what it waits for, and who holds that' },
  thread: { kind: 'text', valueName: 'id|name', help: 'Show only this thread' },
  noBlock: { kind: 'flag', help: 'Read without stopping the process, which may give torn stacks' },
  exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
  watch: { kind: 'seconds', whenBare: 2, help: 'Look again and again, and mark what moved' },
  format: {
    kind: 'choice',
    choices: ['pystack', 'pyflame', 'faulthandler'],
    help: 'Layout of the text',
  },
  json: { kind: 'flag', help: 'Print JSON (docs/snapshot.schema.json); with --watch a document a line' },
  filepath: { kind: 'text', short: 'f', valueName: 'file', help: 'Write the stacks to this file instead' },
  native: nativeOption,
  async: { kind: 'flag', short: 'a', help: 'Show asyncio tasks (not in this release)' },
} as const;

const args = { pid: { kind: 'pid', help: 'Process to look into' } } as const;

type StackValues = Values<typeof options, typeof args>;

/** `pyflight stack <pid>`: the stack of every thread, once or again and again. */
export const stack = defineCommand({
  name: 'stack',
  summary: 'Print the stack of every thread of a process',
  arguments: args,
  options,
  examples: [
    ['stack 4242', 'where every thread is'],
    ['stack 4242 --locals --thread MainThread', 'one thread, with its variables'],
    ['stack 4242 --locks', 'what each blocked thread waits for'],
    ['stack 4242 --watch', 'which threads move, and which hang'],
    ['stack 4242 --native', 'with what C, C++ and Rust code does under the Python'],
    ['stack 4242 --json', 'the same for programs'],
    ['stack 4242 -f stacks.txt', 'into a file'],
  ],

  async run(values, context) {
    refuseImpossible(values);
    using inspection = await context.api.attach(values.pid, {
      exhaustive: values.exhaustive,
      native: values.native !== undefined,
    });
    const wishes = wishesOf(values);
    if (values.watch !== undefined)
      return await watchStacks({ inspection, wishes, json: values.json, seconds: values.watch }, context);
    return await printOnce(inspection, values, context);
  },
});

function wishesOf({ locals, locks, noBlock, thread, native }: StackValues): SnapshotOptions {
  return {
    locals,
    ...(locks ? { locks } : {}),
    pause: !noBlock,
    ...(thread === undefined ? {} : { thread }),
    ...nativeWish(native),
  };
}

async function printOnce(inspection: Inspection, values: StackValues, context: Context): Promise<Outcome> {
  const snapshot = inspection.snapshot(wishesOf(values));
  const style = values.filepath === undefined ? context.style : PLAIN;
  const manner = { style, verbosity: context.verbosity, ...nativeChoice(values.native) };
  const text = render(snapshot, values, manner);
  if (values.filepath === undefined) context.out(text);
  else {
    await context.api.writeTextFile(values.filepath, text);
    context.out(`${context.style.green('✓')} Write stack to ${values.filepath} successfully!\n`);
  }
  if (context.verbosity > 0) context.note(readingLine(snapshot));
  for (const { message } of problemsOf(snapshot)) context.note(`warning: ${escapeForTerminal(message)}`);
  return isComplete(snapshot) ? 'complete' : 'partial';
}

interface Manner {
  readonly style: Style;
  readonly verbosity: number;
  readonly native?: NativeChoice;
}

function render(snapshot: Snapshot, { json, format, locals }: StackValues, manner: Manner): string {
  if (json) return `${formatJson(snapshotToJson(snapshot), 2)}\n`;
  let text = '';
  for (const line of LAYOUTS[format](snapshot, locals, manner)) text += `${line}\n`;
  return text;
}

type Layout = (snapshot: Snapshot, showLocals: boolean, manner: Manner) => Iterable<string>;

const LAYOUTS: Readonly<Record<StackValues['format'], Layout>> = {
  pystack: (snapshot, showLocals, { verbosity, ...manner }) =>
    pystackLines(snapshot, {
      ...manner,
      showLocals,
      remarks: (thread) => [
        ...(verbosity === 0 ? [] : threadRemarks(thread, manner.style)),
        ...lockRemarks(thread, snapshot.locks, manner.style),
      ],
    }),
  pyflame: pyflameLines,
  faulthandler: faulthandlerLines,
};

function readingLine({ process, foundBy, pauseNs }: Snapshot): string {
  const pause =
    pauseNs === undefined ? 'not stopped' : `stopped for ${(Number(pauseNs) / 1e6).toFixed(2)} ms`;
  return `CPython ${formatPythonVersion(process.python)}, found by ${foundBy}, ${pause}`;
}

function refuseImpossible(values: StackValues): void {
  const { async, watch, filepath, format, json, locals } = values;
  refuseNative(values);
  refuseLocks(values);
  if (async) throw new NotBuiltYetError('Cannot show asyncio tasks: a later release brings --async');
  const isOtherLayout = format !== 'pystack';
  if (json && isOtherLayout)
    throw new BadArgumentError(`Cannot use --json with --format ${format}: choose one`);
  if (locals && isOtherLayout)
    throw new BadArgumentError(`Cannot use --locals with --format ${format}: that layout has none`);
  if (watch === undefined) return;
  if (isOtherLayout)
    throw new BadArgumentError(`Cannot use --watch with --format ${format}: it has no marks`);
  if (filepath !== undefined)
    throw new BadArgumentError('Cannot use --watch with --filepath: redirect the output instead');
}

function refuseLocks({ locks, format, json, watch }: StackValues): void {
  if (!locks) return;
  const advice = 'use the command locks beside it';
  if (format !== 'pystack')
    throw new BadArgumentError(`Cannot use --locks with --format ${format}: ${advice}`);
  if (json) throw new BadArgumentError(`Cannot use --locks with --json: ${advice}`);
  if (watch !== undefined) throw new BadArgumentError(`Cannot use --locks with --watch: ${advice}`);
}

function refuseNative({ native, noBlock, format, watch }: StackValues): void {
  if (native === undefined) return;
  if (noBlock)
    throw new BadArgumentError(
      `Cannot use --${native} with --no-block: it needs the registers of stopped threads`,
    );
  if (format !== 'pystack')
    throw new BadArgumentError(`Cannot use --${native} with --format ${format}: that layout has none`);
  if (watch !== undefined)
    throw new BadArgumentError(`Cannot use --${native} with --watch: leave out one of them`);
}

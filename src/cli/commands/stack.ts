import type { Inspection, SnapshotOptions } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { formatPythonVersion } from '../../model/python-version.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { asyncWish, refuseAsync } from '../async-report.ts';
import { defineCommand, type Values } from '../command.ts';
import type { Context } from '../context.ts';
import { printCore } from '../cores/core-report.ts';
import type { Outcome } from '../exit-status.ts';
import { jsonOption } from '../json-output.ts';
import { nativeOption, nativeWish } from '../native-modes.ts';
import { LAYOUT_NAMES, printReport } from '../snapshot-report.ts';
import { watchStacks } from '../watch.ts';

const options = {
  locals: { kind: 'flag', help: 'Show arguments and local variables of every frame' },
  locks: { kind: 'flag', help: 'Say of each blocked thread what it waits for, and who holds that' },
  thread: { kind: 'text', valueName: 'id|name', completes: 'thread', help: 'Show only this thread' },
  noBlock: { kind: 'flag', help: 'Read without stopping the process, which may give torn stacks' },
  exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
  watch: { kind: 'seconds', whenBare: 2, help: 'Look again and again, and mark what moved' },
  format: {
    kind: 'choice',
    choices: LAYOUT_NAMES,
    help: 'Layout of the text',
  },
  json: jsonOption('snapshot'),
  filepath: {
    kind: 'text',
    short: 'f',
    valueName: 'file',
    completes: 'file',
    help: 'Write the stacks to this file instead',
  },
  native: nativeOption,
  async: { kind: 'flag', short: 'a', help: 'Show the tasks of asyncio and suspended greenlets' },
  allTasks: { kind: 'flag', help: 'With --async: tasks that have ended too' },
  tree: { kind: 'flag', help: 'With --async: which task waits for which' },
  noFold: { kind: 'flag', help: 'With --tree: each of many tasks that stand alike' },
} as const;

const args = { target: { kind: 'target', help: 'Process to look into' } } as const;

type StackValues = Values<typeof options, typeof args>;

/** `pyflight stack <pid>`: the stack of every thread, once or again and again; of a core, as `pyflight core` has it. */
export const stack = defineCommand({
  name: 'stack',
  summary: 'Print the stack of every thread of a process',
  level: 'L1',
  arguments: args,
  options,
  examples: [
    ['stack 4242', 'where every thread is'],
    ['stack 4242 --locals --thread MainThread', 'one thread, with its variables'],
    ['stack 4242 --locks', 'what each blocked thread waits for'],
    ['stack 4242 --watch', 'which threads move, and which hang'],
    ['stack 4242 --native', 'with what C, C++ and Rust code does under the Python'],
    ['stack 4242 --async', 'the tasks of asyncio and suspended greenlets'],
    ['stack 4242 --async --tree', 'which task waits for which'],
    ['stack 4242 --json', 'the same for programs'],
    ['stack 4242 -f stacks.txt', 'into a file'],
    ['stack --core core.4242', 'of a process that is gone, and why it is'],
  ],

  async run(values, context) {
    refuseImpossible(values);
    const { target } = values;
    if (target.kind === 'core') return await printCore(target, { ...values, command: 'stack' }, context);
    using inspection = await context.api.attach(target.pid, {
      exhaustive: values.exhaustive,
      native: values.native !== undefined,
    });
    const wishes = wishesOf(values);
    if (values.watch !== undefined)
      return await watchStacks({ inspection, wishes, json: values.json, seconds: values.watch }, context);
    return await printOnce(inspection, values, context);
  },
});

function wishesOf({ locals, locks, noBlock, thread, native, async, allTasks }: StackValues): SnapshotOptions {
  return {
    locals,
    ...(locks ? { locks } : {}),
    pause: !noBlock,
    ...(thread === undefined ? {} : { thread }),
    ...nativeWish(native),
    ...asyncWish({ async, allTasks }),
  };
}

async function printOnce(inspection: Inspection, values: StackValues, context: Context): Promise<Outcome> {
  const snapshot = inspection.snapshot(wishesOf(values));
  const outcome = await printReport({ snapshot }, { ...values, command: 'stack' }, context);
  if (context.verbosity > 0) context.note(readingLine(snapshot));
  return outcome;
}

function readingLine({ process, foundBy, pauseNs }: Snapshot): string {
  const pause =
    pauseNs === undefined ? 'not stopped' : `stopped for ${(Number(pauseNs) / 1e6).toFixed(2)} ms`;
  return `CPython ${formatPythonVersion(process.python)}, found by ${foundBy}, ${pause}`;
}

function refuseImpossible(values: StackValues): void {
  const { watch, filepath, format, json, locals } = values;
  refuseNative(values);
  refuseOfCore(values);
  refuseAsync(values);
  refuseLocks(values);
  const isOtherLayout = format !== 'pystack';
  if (json !== undefined && isOtherLayout)
    throw new BadArgumentError(`Cannot use --${json} with --format ${format}: choose one`);
  if (locals && isOtherLayout)
    throw new BadArgumentError(`Cannot use --locals with --format ${format}: that layout has none`);
  if (watch === undefined) return;
  if (isOtherLayout)
    throw new BadArgumentError(`Cannot use --watch with --format ${format}: it has no marks`);
  if (filepath !== undefined)
    throw new BadArgumentError('Cannot use --watch with --filepath: redirect the output instead');
}

function refuseLocks({ locks, format, json, watch, async }: StackValues): void {
  if (!locks) return;
  const advice = 'use the command locks beside it';
  if (format !== 'pystack')
    throw new BadArgumentError(`Cannot use --locks with --format ${format}: ${advice}`);
  if (json !== undefined) throw new BadArgumentError(`Cannot use --locks with --${json}: ${advice}`);
  if (watch !== undefined) throw new BadArgumentError(`Cannot use --locks with --watch: ${advice}`);
  if (async) throw new BadArgumentError(`Cannot use --locks with --async: ${advice}`);
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

function refuseOfCore({ target, watch, noBlock }: StackValues): void {
  if (target.kind !== 'core') return;
  if (watch !== undefined)
    throw new BadArgumentError('Cannot use --watch with --core: nothing moves in a core file');
  if (noBlock) throw new BadArgumentError('Cannot use --no-block with --core: there is no process to stop');
}

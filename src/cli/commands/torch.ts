import { BadArgumentError } from '../../base/errors.ts';
import { AGENT_OPTIONS } from '../agent/agent-options.ts';
import { ALL } from '../bounds.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS } from '../calls/function-options.ts';
import { STREAM_OPTIONS } from '../calls/stream-options.ts';
import { listTensors, profileCalls, recordCalls, takeSnapshot } from '../calls/torch-run.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';

// `-f` names a file here.
const { short: _, ...FILTER } = STREAM_OPTIONS.filter;

/** `pyflight torch <pid> profile|memory`: asks the torch that a process has loaded. */
export const torch = defineCommand({
  name: 'torch',
  summary: "Run calls under torch's profiler, or tell what tensors take",
  level: 'L2',
  raised: { by: 'profile or memory -r', level: 'L3' },
  arguments: {
    pid: FUNCTION_ARGUMENTS.pid,
    action: { kind: 'word', help: 'profile or memory' },
    words: FUNCTION_ARGUMENTS.words,
  },
  options: {
    snapshot: { kind: 'flag', short: 's', help: "With memory: write a snapshot of CUDA's allocator" },
    record: {
      kind: 'flag',
      short: 'r',
      help: 'With memory: write one after the next call of a function, during which allocations are recorded',
    },
    cpu: { kind: 'flag', help: 'With memory: list the tensors in memory of the CPU, and where they hang' },
    file: {
      kind: 'text',
      short: 'f',
      valueName: 'file',
      completes: 'file',
      help: 'File to write here, not where the process runs (trace.json, snapshot.pickle); name.2.json for a second call',
    },
    n: {
      kind: 'number',
      valueName: 'count',
      least: 1,
      most: 100,
      whenAbsent: 1,
      help: 'End after so many calls',
    },
    limit: {
      kind: 'number',
      valueName: 'count',
      least: 1,
      most: 1000,
      all: ALL,
      whenAbsent: 10,
      help: 'Rows that are shown',
    },
    filter: FILTER,
    for: STREAM_OPTIONS.for,
    lazy: STREAM_OPTIONS.lazy,
    ...FUNCTION_OPTIONS,
    ...AGENT_OPTIONS,
    json: jsonOption('torch'),
  },
  examples: [
    [
      'torch 4242 profile shop.model Net forward',
      'waits for a call; a Chrome trace to trace.json, and a table',
    ],
    ['torch 4242 profile train step -f step.json --n 3', 'three calls: step.json, step.2.json, step.3.json'],
    ['torch 4242 memory --cpu', 'tensors by shape, with the parameters that they are'],
    ['torch 4242 memory -s -f now.pickle', 'for pytorch.org/memory_viz'],
    ['torch 4242 memory -r train step', 'the same after a call, with what it has allocated'],
  ],

  async run({ action, ...typed }, context) {
    if (action === 'profile') return await profileCalls(typed, context);
    if (action !== 'memory')
      throw new BadArgumentError(`Cannot use ${action} here: choose profile or memory`);
    const { snapshot, record, cpu } = typed;
    if ([snapshot, record, cpu].filter(Boolean).length !== 1)
      throw new BadArgumentError('Cannot tell what to do: use exactly one of -s, -r and --cpu with memory');
    if (record) return await recordCalls(typed, context);
    if (typed.words.length > 0)
      throw new BadArgumentError(`Cannot use ${typed.words.join(' ')} here: a function is named with -r`);
    if (typed.filter !== undefined || typed.for !== undefined || typed.lazy)
      throw new BadArgumentError('Cannot use --filter, --for or --lazy here: they are of calls');
    if (cpu && typed.file !== undefined)
      throw new BadArgumentError('Cannot use -f with --cpu: tensors are listed, and no file is written');
    return await (snapshot ? takeSnapshot : listTensors)(typed, context);
  },
});

import type { SampledMode, SamplingOptions } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { secondsOf } from '../calls/stream-options.ts';
import type { OptionSpecs } from '../command.ts';

/** The options of commands that sample a process: when it is looked at, and what of it. */
export const SAMPLING_OPTIONS = {
  rate: {
    kind: 'number',
    short: 'r',
    valueName: 'hertz',
    least: 1,
    most: 100_000,
    whenAbsent: 100,
    help: 'Looks at all threads per second',
  },
  duration: {
    kind: 'text',
    short: 'd',
    valueName: 'time',
    help: 'End after that time: 30, 500ms, 5m (until Ctrl-C)',
  },
  moments: {
    kind: 'modes',
    modes: {
      cpu: 'Only threads that run on a CPU, or wait for one (the default)',
      idle: 'Threads that sleep or wait, too: wall-clock time',
      gil: 'Only the thread that holds the GIL',
      'gil-wait': 'Only threads that wait for the GIL',
      exception: 'Only threads that raise or handle an exception',
    },
  },
  thread: {
    kind: 'text',
    valueName: 'name|id',
    completes: 'thread',
    help: 'Only this thread: its name, or its id',
  },
  subprocesses: { kind: 'flag', short: 's', help: 'Also all processes that it has started, and will start' },
  async: { kind: 'flag', help: 'By task of asyncio: below the calls of each those tasks that wait for it' },
  asyncAll: { kind: 'flag', help: 'The same of tasks that wait, too: where each of them does (--idle)' },
  gc: { kind: 'flag', help: 'Mark what was seen while garbage was collected' },
  native: { kind: 'flag', help: 'C, C++ and Rust frames too; stops the threads that run for each look' },
  blocking: { kind: 'flag', help: 'Stop the threads that run for each look, so that no stack is torn' },
  sameCpu: {
    kind: 'flag',
    help: 'Look from the CPU of the thread that runs, which waits meanwhile: no stack is torn, nothing stopped',
  },
  exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
} as const satisfies OptionSpecs;

/** What was typed of {@link SAMPLING_OPTIONS}. */
export interface SamplingWords {
  readonly rate: number;
  readonly duration: string | undefined;
  readonly moments: keyof typeof MODES | undefined;
  readonly thread: string | undefined;
  readonly subprocesses: boolean;
  readonly async: boolean;
  readonly asyncAll: boolean;
  readonly gc: boolean;
  readonly native: boolean;
  readonly blocking: boolean;
  readonly sameCpu: boolean;
  readonly exhaustive: boolean;
}

const MODES = {
  cpu: 'cpu',
  idle: 'wall',
  gil: 'gil',
  'gil-wait': 'gil-wait',
  exception: 'exception',
} as const satisfies Record<string, SampledMode>;

/** The modes that can be, beside the rest of what was typed. */
export function possibleModes({ asyncAll, native }: SamplingWords): readonly SampledMode[] {
  if (asyncAll) return ['wall'];
  return Object.values(MODES).filter((mode) => !native || mode !== 'gil-wait');
}

/** What the command line says about sampling, as the library wants it. */
export function samplingOptionsOf(words: SamplingWords): SamplingOptions & { readonly mode: SampledMode } {
  const { rate, duration, thread, subprocesses, gc, native, blocking, sameCpu, exhaustive } = words;
  const tasks = taskChoiceOf(words);
  return {
    rateHz: rate,
    ...(duration === undefined || duration === 'unlimited' ? {} : { durationSeconds: secondsOf(duration) }),
    mode: modeOf(words),
    ...(thread === undefined ? {} : { thread }),
    subprocesses,
    ...(tasks === undefined ? {} : { tasks }),
    gc,
    native,
    blocking,
    sameCpu,
    exhaustive,
  };
}

function taskChoiceOf({ async, asyncAll }: SamplingWords): SamplingOptions['tasks'] {
  if (asyncAll) return 'all';
  return async ? 'running' : undefined;
}

/** A task that waits does nothing else: all modes but one leave it out. */
function modeOf({ moments, asyncAll }: SamplingWords): SampledMode {
  if (!asyncAll) return MODES[moments ?? 'cpu'];
  if (moments === undefined || moments === 'idle') return 'wall';
  throw new BadArgumentError(
    `Cannot use --async-all with --${moments}: tasks that wait are in wall-clock time alone`,
  );
}

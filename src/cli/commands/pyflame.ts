import type { Profile } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { pyflameLines } from '../../report/pyflame-layout.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { openOutput, writeParts } from '../profiling/profile-output.ts';
import { beginSampling } from '../profiling/sampled-root.ts';
import { sampleStarted } from '../profiling/started-program.ts';
import { takeProfile } from '../profiling/taken-profile.ts';
import { processIdOf } from '../target-choice.ts';
import { PRODUCER } from '../version.ts';

/** `pyflight pyflame …`: Pyflame's own command line and output. */
export const pyflame = defineCommand({
  name: 'pyflame',
  summary: 'Sample or dump stacks with the options and the output of pyflame',
  level: 'L0',
  arguments: { words: { kind: 'rest', help: 'Process to sample; with -t the program to start' } },
  options: {
    pid: { kind: 'text', short: 'p', valueName: 'pid', help: 'Process to sample' },
    seconds: { kind: 'text', short: 's', valueName: 'seconds', help: 'How long (1); 0 takes one sample' },
    rate: { kind: 'text', short: 'r', valueName: 'seconds', help: 'Time between two samples (0.01)' },
    threads: { kind: 'flag', help: 'All threads, not only the one that holds the GIL' },
    dump: { kind: 'flag', short: 'd', help: 'The stacks of all threads once' },
    excludeIdle: { kind: 'flag', short: 'x', help: 'Leave out how often nothing ran' },
    noLineNumbers: { kind: 'flag', short: 'n', help: 'Functions without the line' },
    flamechart: { kind: 'flag', help: 'A time in the place of a count, in their order' },
    output: { kind: 'text', short: 'o', valueName: 'file', completes: 'file', help: 'Write it to a file' },
    abi: { kind: 'text', valueName: 'version', help: 'Taken and not needed: the version is found' },
    trace: {
      kind: 'flag',
      short: 't',
      endsOptions: true,
      help: 'Start the program that follows, and sample it to its end',
    },
  },
  examples: [
    ['pyflame -s 5 -r 0.001 4242 | flamegraph.pl > out.svg', 'five seconds, every millisecond'],
    ['pyflame -d -p 4242', 'what each thread does now'],
    ['pyflame -t python3 app.py', 'a program from its start to its end'],
  ],

  async run({ words, pid, trace, dump, ...wishes }, context) {
    if (trace) {
      if (pid !== undefined || dump)
        throw new BadArgumentError('Cannot use -t with -p or -d: leave out one of them');
      if (words.length === 0) throw new BadArgumentError('Cannot start nothing: name a program behind -t');
      return await sampleStarted({ words }, context, (id, own) =>
        sample(id, { ...wishes, isWhole: true }, own),
      );
    }
    const [word = pid, second] = words;
    if (word === undefined || second !== undefined || (pid !== undefined && words.length > 0))
      throw new BadArgumentError('Cannot tell what to sample: name one process id');
    const id = processIdOf(word);
    return dump
      ? await dumpStacks(id, wishes.output, context)
      : await sample(id, { ...wishes, isWhole: false }, context);
  },
});

/** What was typed about samples. */
interface SampleWords {
  readonly seconds: string | undefined;
  readonly rate: string | undefined;
  readonly threads: boolean;
  readonly excludeIdle: boolean;
  readonly noLineNumbers: boolean;
  readonly flamechart: boolean;
  readonly output: string | undefined;
  /** To the end of the program. */
  readonly isWhole: boolean;
}

async function dumpStacks(pid: number, output: string | undefined, context: Context): Promise<Outcome> {
  using file = await openOutput(output, context);
  using inspection = await context.api.attach(pid, { native: false });
  const lines = Array.from(pyflameLines(inspection.snapshot()), (line) => `${line}\n`);
  writeParts(lines, file, context);
  return 'complete';
}

async function sample(pid: number, words: SampleWords, context: Context): Promise<Outcome> {
  const { api } = context;
  const seconds = numberOf(words.seconds ?? '1', '--seconds', 0);
  const interval = numberOf(words.rate ?? '0.01', '--rate', 1e-5);
  const isOne = seconds === 0 && !words.isWhole;
  using file = await openOutput(words.output, context);
  const options = {
    rateHz: 1 / interval,
    mode: words.threads ? ('wall' as const) : ('gil' as const),
    ...(words.isWhole ? {} : isOne ? { sweeps: 1 } : { durationSeconds: seconds }),
  };
  const take = async (): Promise<Profile> =>
    await takeProfile(
      await beginSampling({ pid, options, isStarted: words.isWhole }, context),
      options,
      context,
    );
  let profile = await take();
  for (let tries = 1; isOne && hasFailed(profile) && tries < MOST_TRIES; tries += 1) profile = await take();
  const { findFormat, viewProfile } = await api.profiles();
  const parts = findFormat('pyflame').write(viewProfile(profile, { byFunction: words.noLineNumbers }), {
    producer: PRODUCER,
    isFlameChart: words.flamechart,
    excludesIdle: words.excludeIdle,
  });
  writeParts(parts, file, context);
  return 'complete';
}

/** One sample is wanted, and a thread that runs may move while it is taken; Pyflame stops it. */
const MOST_TRIES = 20;

function hasFailed({ account }: Profile): boolean {
  return account.tornSamples + account.unreadableSamples > 0;
}

function numberOf(given: string, flag: string, least: number): number {
  const number = Number(given);
  if (/^[0-9.e-]+$/u.test(given) && number >= least && Number.isFinite(number)) return number;
  throw new BadArgumentError(
    `Cannot use ${given} as ${flag}: it must be a number of seconds, ${least} or more`,
  );
}

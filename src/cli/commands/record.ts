import { BadArgumentError } from '../../base/errors.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { recordProfile } from '../profiling/recording.ts';
import { RECORDING_OPTIONS, recordingWishOf } from '../profiling/recording-options.ts';
import { sampleStarted } from '../profiling/started-program.ts';
import { processIdOf } from '../target-choice.ts';

/** `pyflight record -o out.svg --pid N`, or `-- python app.py`: py-spy's habits. */
export const record = defineCommand({
  name: 'record',
  summary: 'Sample a process, or a program that is started for it, with the options of py-spy record',
  level: 'L0',
  arguments: { words: { kind: 'rest', help: 'Process to sample, or behind -- a program to start' } },
  options: {
    pid: { kind: 'text', short: 'p', valueName: 'pid', help: 'Process to sample' },
    output: {
      kind: 'text',
      short: 'o',
      valueName: 'file',
      completes: 'file',
      help: 'Where to write it (<pid>-<time>.svg); - is standard output',
    },
    format: {
      kind: 'text',
      short: 'f',
      valueName: 'name',
      help: 'Another format than that of the ending of the file: raw, speedscope, chrometrace …',
    },
    ...RECORDING_OPTIONS,
    moments: { ...RECORDING_OPTIONS.moments, shorts: { gil: 'g', idle: 'i' } },
    native: { ...RECORDING_OPTIONS.native, short: 'n' },
    function: { ...RECORDING_OPTIONS.function, also: ['--nolineno'] },
    nonblocking: {
      kind: 'flag',
      help: 'Taken and not needed: nothing is stopped without --blocking or --native',
    },
  },
  examples: [
    ['record -o out.svg --pid 4242 -d 30', 'as py-spy record'],
    ['record -o out.speedscope.json -- python app.py', 'a program from its start to its end'],
    ['record -f raw -o - --pid 4242 -d 5', 'a line for each stack'],
  ],

  async run({ words, pid, output, format, nonblocking: _, ...others }, context) {
    const recording = recordingWishOf(others);
    const record = async (id: number, isStarted: boolean, within: Context): Promise<Outcome> => {
      const isWritten = output === undefined && recording.push === undefined;
      const file = isWritten ? await usualFile(id, format, within) : output;
      return await recordProfile(
        { ...recording, command: 'record', pid: id, file, format, isStarted },
        within,
      );
    };
    const [first] = words;
    if (pid !== undefined && first !== undefined)
      throw new BadArgumentError('Cannot sample two things: name a process id or a program');
    if (pid !== undefined || (words.length === 1 && /^\d+$/u.test(first ?? '')))
      return await record(processIdOf(pid ?? first ?? ''), false, context);
    if (first === undefined)
      throw new BadArgumentError('Cannot sample nothing: name a process id, or a program behind --');
    const printsToStderr = output === '-' || recording.json !== undefined;
    return await sampleStarted({ words, printsToStderr }, context, (id, own) => record(id, true, own));
  },
});

/** `4242-2026-11-29T18:22:05.svg`, with the ending by which the format is opened. */
async function usualFile(pid: number, format: string | undefined, { api, now }: Context): Promise<string> {
  const time = now().toISOString().slice(0, 19);
  const { findFormat } = await api.profiles();
  const [ending = ''] = findFormat(format ?? 'svg').endings;
  return `${pid}-${time}${ending}`;
}

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
  },
  examples: [
    ['record -o out.svg --pid 4242 -d 30', 'as py-spy record'],
    ['record -o out.speedscope.json -- python app.py', 'a program from its start to its end'],
    ['record -f raw -o - --pid 4242 -d 5', 'a line for each stack'],
  ],

  async run({ words, pid, output, format, ...others }, context) {
    const recording = recordingWishOf(others);
    const record = async (id: number, isStarted: boolean): Promise<Outcome> => {
      const file = output ?? (recording.push === undefined ? defaultFile(id, format, context) : undefined);
      return await recordProfile(
        { ...recording, command: 'record', pid: id, file, format, isStarted },
        context,
      );
    };
    const [first] = words;
    if (pid !== undefined && first !== undefined)
      throw new BadArgumentError('Cannot sample two things: name a process id or a program');
    if (pid !== undefined || (words.length === 1 && /^\d+$/u.test(first ?? '')))
      return await record(processIdOf(pid ?? first ?? ''), false);
    if (first === undefined)
      throw new BadArgumentError('Cannot sample nothing: name a process id, or a program behind --');
    return await sampleStarted(words, context, (id) => record(id, true));
  },
});

const ENDINGS: Readonly<Record<string, string>> = { speedscope: '.speedscope.json', raw: '.txt' };

/** `4242-2026-11-29T18:22:05.svg`, with the ending that py-spy gives. */
function defaultFile(pid: number, format: string | undefined, { now }: Context): string {
  const time = now().toISOString().slice(0, 19);
  const ending = format === undefined ? '.svg' : (ENDINGS[format] ?? `.${format}`);
  return `${pid}-${time}${ending}`;
}

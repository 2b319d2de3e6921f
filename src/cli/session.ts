import { BadArgumentError } from '../base/errors.ts';
import { type Command, defineCommand } from './command.ts';
import type { Context } from './context.ts';
import { splitShellWords } from './shell-words.ts';

/** Runs a command by its name and the words after it, and answers its exit status. */
export type RunCommand = (name: string, words: readonly string[], context: Context) => Promise<number>;

/** Tells whether a command line is one of a session: it has `--cmd`, however far to the right. */
export function isSession(words: readonly string[]): boolean {
  return words.some((word) => word === '--cmd' || word.startsWith('--cmd='));
}

/**
 * Makes the nameless command `<pid> --cmd "stack --locals"`, which PyFlightProfiler has for one command on a process.
 */
export function makeSession(runCommand: RunCommand): Command {
  return defineCommand({
    name: '',
    summary: 'Run one command on a process and leave',
    arguments: { pid: { kind: 'pid', help: 'Process to look into' } },
    options: { cmd: { kind: 'text', valueName: 'command', help: 'Command with its options, in quotes' } },
    examples: [['4242 --cmd "stack --locals"', 'as pyflight stack 4242 --locals']],

    async run({ pid, cmd }, context) {
      const [name, ...words] = splitShellWords(cmd ?? '');
      if (name === undefined) throw new BadArgumentError('Cannot run the command: it is empty');
      // PyFlightProfiler's stack takes a pid of its own, and help none.
      const hasPid = name === 'help' || /^[0-9]+$/.test(words[0] ?? '');
      return await runCommand(name, hasPid ? words : [`${pid}`, ...words], context);
    },
  });
}

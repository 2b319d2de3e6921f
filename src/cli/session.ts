import { type Command, defineCommand } from './command.ts';
import type { Context } from './context.ts';
import { parseTypedLine } from './shell-words.ts';
import { type RunCommand, runTypedLine } from './typed-line.ts';

/** Tells whether a command line is one of a session: it has `--cmd`, however far to the right. */
export function isSession(words: readonly string[]): boolean {
  return words.some((word) => word === '--cmd' || word.startsWith('--cmd='));
}

/**
 * Makes the nameless command: `<pid>` opens a prompt, `<pid> --cmd "stack --locals"` runs one command, as
 * PyFlightProfiler has it.
 */
export function makeSession(runCommand: RunCommand): Command {
  return defineCommand({
    name: '',
    summary: 'Open a prompt on a process, or run one command on it and leave',
    arguments: { pid: { kind: 'pid', help: 'Process to look into' } },
    options: {
      cmd: {
        kind: 'text',
        valueName: 'command',
        help: 'Run this command instead, with its options, in quotes; | program and > file may follow it',
      },
    },
    examples: [
      ['4242', 'a prompt for one command after the other'],
      ['4242 --cmd "stack --locals"', 'as pyflight stack 4242 --locals'],
      ['4242 --cmd "stack | grep -c Traceback"', 'with a program behind it'],
      ['4242 < commands.txt', 'a command a line; # begins a comment'],
    ],

    async run({ pid, cmd }, context) {
      if (cmd === undefined) {
        const { runPrompt } = await import('./prompt/prompt.ts');
        return await runPrompt(pid, context, runCommand);
      }
      await keepInHistory(cmd, context);
      const session = { pid, isPrompt: false, leave: () => undefined };
      return await runTypedLine(parseTypedLine(cmd), { ...context, session }, runCommand);
    },
  });
}

/** As the prompt keeps it: before it runs, and where that cannot be done without a word. */
async function keepInHistory(line: string, { api }: Context): Promise<void> {
  const { PromptHistory } = await import('./prompt/prompt-history.ts');
  new PromptHistory(await api.openHistory()).add(line);
}

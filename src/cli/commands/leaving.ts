import { type Command, defineCommand } from '../command.ts';

/** Makes `exit` or `quit`: the end of a prompt, which leaves the process as it is. */
export function makeLeaving(name: string): Command {
  return defineCommand({
    name,
    summary: 'Leave the prompt, as Ctrl-D does',
    withoutJson: 'it has nothing to say to programs',
    arguments: {},
    options: {},
    examples: [],

    async run(_, { session }) {
      session?.leave();
      return 'complete';
    },
  });
}

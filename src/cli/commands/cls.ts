import { defineCommand } from '../command.ts';

/** ECMA-48 CUP and ED: to the first cell, and nothing on the screen or above it. */
const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J';

/** `cls`: an empty screen. */
export const cls = defineCommand({
  name: 'cls',
  summary: 'Clear the screen',
  withoutJson: 'it has nothing to say to programs',
  arguments: {},
  options: {},
  examples: [],

  async run(_, { columns, out }) {
    // A file or a pipe has no screen.
    if (columns !== undefined) out(CLEAR_SCREEN);
    return 'complete';
  },
});

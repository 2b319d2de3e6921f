import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';

const USUAL_LINES = 20;
const NUMBER_COLUMNS = 5;

/** `history`: what was typed at prompts. */
export const history = defineCommand({
  name: 'history',
  summary: 'Show the lines that were typed at prompts, the newest last',
  arguments: {},
  options: {
    limit: { kind: 'text', short: 'n', valueName: 'number', help: `How many; ${USUAL_LINES} without it` },
    json: jsonOption('history'),
    clear: { kind: 'flag', short: 'c', help: 'Forget all of them' },
  },
  examples: [
    ['history -n 5', 'the last five'],
    ['history -c', 'none from now on'],
  ],

  async run({ limit, clear, json }, context) {
    const { api, out } = context;
    const file = await api.openHistory();
    if (clear) {
      file.clear();
      return 'complete';
    }
    const count = limit === undefined ? USUAL_LINES : countOf(limit);
    const lines = file.read();
    const first = Math.max(0, lines.length - count);
    if (json !== undefined) {
      const document = lines.slice(first).map((text, index) => ({ number: first + index + 1, text }));
      out(jsonText({ lines: document }, { command: 'history', level: 'L0' }, json, context));
      return 'complete';
    }
    for (const [index, line] of lines.slice(first).entries())
      out(`    ${`${first + index + 1}`.padEnd(NUMBER_COLUMNS)} ${escapeForTerminal(line)}\n`);
    return 'complete';
  },
});

function countOf(word: string): number {
  if (/^[0-9]{1,6}$/.test(word) && Number(word) > 0) return Number(word);
  throw new BadArgumentError(`Cannot show ${word} lines: it is not a number above 0`);
}

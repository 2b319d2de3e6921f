import { escapeForTerminal } from '../../base/escaping.ts';
import { formatJson } from '../../report/json-value.ts';
import { locksToJson } from '../../report/locks-json.ts';
import { locksLines } from '../../report/locks-layout.ts';
import { defineCommand } from '../command.ts';

/** `pyflight locks <pid>`: who waits for whom. */
export const locks = defineCommand({
  name: 'locks',
  summary: 'Print what blocked threads wait for, who holds it, and deadlocks',
  arguments: { pid: { kind: 'pid', help: 'Process to look into' } },
  options: {
    noBlock: { kind: 'flag', help: 'Read without stopping the process, which may mix two moments' },
    exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
    json: { kind: 'flag', help: 'Print JSON (docs/locks.schema.json)' },
  },
  examples: [
    ['locks 4242', 'why it is stuck'],
    ['locks 4242 || echo "deadlock or worse"', 'in a script: the status is 8 for a deadlock'],
    ['locks 4242 --json', 'the same for programs'],
  ],

  async run({ pid, noBlock, exhaustive, json }, { api, out, note, style }) {
    using inspection = await api.attach(pid, { exhaustive, native: false });
    const report = inspection.locks({ pause: !noBlock });
    if (json) out(`${formatJson(locksToJson(report), 2)}\n`);
    else {
      let text = '';
      for (const line of locksLines(report, style)) text += `${line}\n`;
      out(text);
    }
    for (const { message } of report.problems) note(`warning: ${escapeForTerminal(message)}`);
    if (report.deadlocks.some(({ hasTimeLimit }) => !hasTimeLimit)) return 'deadlock';
    return report.problems.length === 0 ? 'complete' : 'partial';
  },
});

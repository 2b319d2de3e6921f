import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { LockReport } from '../../model/lock-report.ts';
import { locksToJson } from '../../report/locks-json.ts';
import { locksLines } from '../../report/locks-layout.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { openChosenCore } from '../cores/chosen-core.ts';
import { type JsonMode, jsonOption, jsonText, levelOfLook } from '../json-output.ts';
import type { TargetChoice } from '../target-choice.ts';

/** `pyflight locks <pid>`: who waits for whom. */
export const locks = defineCommand({
  name: 'locks',
  summary: 'Print what blocked threads and tasks wait for, who holds it, and deadlocks',
  level: 'L1',
  arguments: { target: { kind: 'target', help: 'Process to look into' } },
  options: {
    noBlock: { kind: 'flag', help: 'Read without stopping the process, which may mix two moments' },
    exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
    json: jsonOption('locks'),
  },
  examples: [
    ['locks 4242', 'why it is stuck'],
    ['locks 4242 || echo "deadlock or worse"', 'in a script: the status is 8 for a deadlock'],
    ['locks 4242 --json', 'the same for programs'],
    ['locks --core core.4242', 'of a process that is gone'],
  ],

  async run({ target, json, ...wishes }, context) {
    const { out, note, style } = context;
    const report = await readLocks(target, wishes, context);
    if (json !== undefined) out(jsonOf(report, json, context));
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

function jsonOf(report: LockReport, mode: JsonMode, context: Context): string {
  const printed = { command: 'locks', level: levelOfLook(report), pid: report.process.pid };
  return jsonText(locksToJson(report), printed, mode, context);
}

interface LockWishes {
  readonly noBlock: boolean;
  readonly exhaustive: boolean;
}

async function readLocks(
  target: TargetChoice,
  { noBlock, exhaustive }: LockWishes,
  context: Context,
): Promise<LockReport> {
  if (target.kind === 'core') {
    if (noBlock) throw new BadArgumentError('Cannot use --no-block with --core: there is no process to stop');
    using core = await openChosenCore(target, { exhaustive, native: undefined }, context);
    return core.locks();
  }
  using inspection = await context.api.attach(target.pid, { exhaustive, native: false });
  return inspection.locks({ pause: !noBlock });
}

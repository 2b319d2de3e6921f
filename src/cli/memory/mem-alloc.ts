import { BadArgumentError } from '../../base/errors.ts';
import type { AllocationGrouping } from '../../model/allocation-report.ts';
import { allocationsToJson } from '../../report/allocation-json.ts';
import { allocationLines } from '../../report/allocation-layout.ts';
import { askAgent } from '../agent/agent-question.ts';
import { boundOf } from '../bounds.ts';
import { endable } from '../calls/call-stream.ts';
import { secondsOf } from '../calls/stream-options.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';
import type { TargetChoice } from '../target-choice.ts';

const USUAL_SECONDS = 10;

interface AllocationWords {
  readonly target: TargetChoice;
  readonly duration: string | undefined;
  readonly by: AllocationGrouping;
  readonly limit: number;
  readonly order: 'descending' | 'ascending';
  readonly how: string;
  readonly timeout: string | undefined;
  readonly json: JsonMode | undefined;
}

/** Level L3: has allocations traced for a time, and tells of those that are still there. Ctrl-C ends the time. */
export async function traceAllocations(typed: AllocationWords, context: Context): Promise<Outcome> {
  const { target, by, limit, order, json } = typed;
  const seconds = typed.duration === undefined ? USUAL_SECONDS : secondsOf(typed.duration);
  if (target.kind === 'core')
    throw new BadArgumentError('Cannot trace allocations with --core: there is no process that makes any');
  const onStarted = (): void => context.note(`tracing allocations for ${seconds} s; Ctrl-C ends it`);
  const report = await endable(context, (nested) =>
    askAgent(typed, nested, (agent, signal) => agent.memory.allocations({ seconds, by, signal, onStarted })),
  );
  if (json === undefined) {
    const { style, columns } = context;
    outLines(allocationLines(report, { limit: boundOf(limit), order, style, width: columns }), context);
  } else {
    const printed = { command: 'mem', level: 'L3', pid: target.pid } as const;
    context.out(jsonText(allocationsToJson(report), printed, json, context));
  }
  return report.reason === 'stopped' ? 'interrupted' : 'complete';
}

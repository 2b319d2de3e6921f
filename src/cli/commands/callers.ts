import type { CallerCounts } from '../../api/index.ts';
import { callerCountsToJson, callersToJson } from '../../report/call-json.ts';
import { callerLines } from '../../report/caller-layout.ts';
import { AGENT_OPTIONS } from '../agent/agent-options.ts';
import { hearCalls } from '../calls/call-stream.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../calls/function-options.ts';
import { LIMIT_OPTION, STREAM_OPTIONS, streamWishOf } from '../calls/stream-options.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type JsonMode, jsonOption, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';

/** `pyflight callers <pid> module [class] method`: by which ways it is called. */
export const callers = defineCommand({
  name: 'callers',
  summary: 'Count the ways by which a function is called',
  level: 'L3',
  arguments: FUNCTION_ARGUMENTS,
  options: {
    limits: { ...LIMIT_OPTION, whenAbsent: 100, help: 'End after so many calls' },
    depth: {
      kind: 'number',
      short: 'd',
      valueName: 'count',
      least: 1,
      most: 200,
      whenAbsent: 20,
      help: 'Callers that tell ways from each other',
    },
    ...STREAM_OPTIONS,
    exception: { kind: 'flag', short: 'e', help: 'Only calls that end with an exception' },
    ...FUNCTION_OPTIONS,
    ...AGENT_OPTIONS,
    json: jsonOption('callers'),
  },
  examples: [
    ['callers 4242 shop.cart Cart add', 'of the next hundred calls'],
    ['callers 4242 shop.db execute -n -1 --for 10s', 'of all calls in ten seconds'],
    ['callers 4242 shop.db execute -d 1', 'by the direct caller alone'],
  ],

  async run({ pid, limits, depth, exception, json, ...words }, context) {
    const wish = { ...functionWishOf(words), ...streamWishOf(words), depth, limit: limits };
    const command = { name: 'callers', pid, ...words, json };
    return await hearCalls(command, context, async (agent, { signal, opening }) => {
      let counted: CallerCounts | undefined;
      const onCounts = (counts: CallerCounts): void => {
        counted = counts;
      };
      try {
        const report = await agent.callers(
          { ...wish, onlyErrors: exception, signal },
          { ...opening, onCounts },
        );
        if (json === undefined) outLines(callerLines(report, context.style), context);
        return { account: report.account, document: callersToJson(report) };
      } catch (error) {
        if (counted !== undefined) outCounted(counted, { pid, json }, context);
        throw error;
      }
    });
  },
});

/** Shows what was counted before the agent was lost, which may be a second old. */
function outCounted(
  counts: CallerCounts,
  { pid, json }: { readonly pid: number; readonly json: JsonMode | undefined },
  context: Context,
): void {
  if (json === undefined) outLines(callerLines(counts, context.style), context);
  else
    context.out(
      jsonText(callerCountsToJson(counts), { command: 'callers', level: 'L3', pid }, 'jsonl', context),
    );
  context.note(
    'note: these are the calls until about a second before the end, which came without an account',
  );
}

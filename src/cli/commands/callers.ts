import { callersToJson } from '../../report/call-json.ts';
import { callerLines } from '../../report/caller-layout.ts';
import { AGENT_OPTIONS } from '../agent-options.ts';
import { hearCalls } from '../call-stream.ts';
import { defineCommand } from '../command.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../function-options.ts';
import { jsonOption } from '../json-output.ts';
import { outLines } from '../memory-question.ts';
import { STREAM_OPTIONS, streamWishOf } from '../stream-options.ts';

/** `pyflight callers <pid> module [class] method`: by which ways it is called. */
export const callers = defineCommand({
  name: 'callers',
  summary: 'Count the ways by which a function is called',
  level: 'L3',
  arguments: FUNCTION_ARGUMENTS,
  options: {
    limits: {
      kind: 'number',
      short: 'n',
      valueName: 'count',
      least: 1,
      most: Number.MAX_SAFE_INTEGER,
      all: -1,
      whenAbsent: 100,
      help: 'End after so many calls',
    },
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
      const report = await agent.callers({ ...wish, onlyErrors: exception, signal }, opening);
      if (json === undefined) outLines(callerLines(report, context.style), context);
      return { account: report.account, document: callersToJson(report) };
    });
  },
});

import type { CallInterval } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { intervalHead, intervalLines } from '../../report/call-interval-layout.ts';
import { intervalToJson } from '../../report/call-json.ts';
import { AGENT_OPTIONS } from '../agent/agent-options.ts';
import { ALL } from '../bounds.ts';
import { hearCalls } from '../calls/call-stream.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../calls/function-options.ts';
import { LIMIT_OPTION, STREAM_OPTIONS, secondsOf, streamWishOf } from '../calls/stream-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';

/** `pyflight monitor <pid> module [class] method`: how often it is called, how it fails, how long it takes. */
export const monitor = defineCommand({
  name: 'monitor',
  summary: 'Count the calls of a function over intervals: rate, failures, times',
  level: 'L3',
  arguments: FUNCTION_ARGUMENTS,
  options: {
    cycle: { kind: 'text', short: 'c', valueName: 'time', help: 'Length of an interval: 5, 500ms, 1m (5)' },
    limits: { ...LIMIT_OPTION, whenAbsent: ALL, help: 'End after so many intervals' },
    ...STREAM_OPTIONS,
    exception: { kind: 'flag', short: 'e', help: 'Only calls that end with an exception' },
    ...FUNCTION_OPTIONS,
    ...AGENT_OPTIONS,
    json: jsonOption('intervals'),
  },
  examples: [
    ['monitor 4242 shop.cart Cart add', 'a row every five seconds'],
    ['monitor 4242 shop.orders:submit -c 1 -n 10', 'ten rows, one a second'],
    ['monitor 4242 shop.orders submit -f "cost > 100" --for 5m', 'of the slow calls alone'],
  ],

  async run({ pid, cycle, limits, exception, json, ...words }, context) {
    const everySeconds = cycle === undefined ? 5 : secondsOf(cycle);
    if (everySeconds < 0.05)
      throw new BadArgumentError('Cannot count over less than 50 ms: choose a longer -c');
    const wish = { ...functionWishOf(words), ...streamWishOf(words), everySeconds, limit: limits };
    const manner = { style: context.style, width: context.columns };
    let hasHead = false;
    const command = { name: 'monitor', pid, ...words, json };
    return await hearCalls(command, context, async (agent, { signal, listener }) => {
      const manners = {
        lines: function* (interval: CallInterval): Generator<string> {
          if (!hasHead) yield intervalHead(manner);
          hasHead = true;
          yield* intervalLines(interval, manner);
        },
        document: intervalToJson,
      };
      return { account: await agent.monitor({ ...wish, onlyErrors: exception, signal }, listener(manners)) };
    });
  },
});

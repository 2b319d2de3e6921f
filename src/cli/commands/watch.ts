import type { HookedFunction, WatchedCall } from '../../api/index.ts';
import { watchedCallToJson } from '../../report/call-json.ts';
import { watchedCallLines } from '../../report/watched-call-layout.ts';
import { EVALUATION_OPTIONS, renderBudget } from '../agent/agent-question.ts';
import { ALL } from '../bounds.ts';
import { hearCalls } from '../calls/call-stream.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../calls/function-options.ts';
import { LIMIT_OPTION, RATE_OPTION, STREAM_OPTIONS, streamWishOf } from '../calls/stream-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';
import { EXPAND_OPTION, expandAround, treeMannerOf } from '../value-options.ts';

/** Around the arguments there is a tuple of them, and one of both. */
const LEVELS_AROUND = 2;

const { expr: _, ...AGENT_WISHES } = EVALUATION_OPTIONS;

/** `pyflight watch <pid> module [class] method`: what a function is called with, and what comes of it. */
export const watch = defineCommand({
  name: 'watch',
  summary: 'Show the arguments and results of the calls of a function, as they are made',
  level: 'L3',
  arguments: FUNCTION_ARGUMENTS,
  options: {
    expr: {
      kind: 'text',
      valueName: 'expression',
      help: 'What to show of a call: Python about the same as the filter (args,kwargs)',
    },
    ...STREAM_OPTIONS,
    exception: { kind: 'flag', short: 'e', help: 'Only calls that end with an exception' },
    limits: { ...LIMIT_OPTION, whenAbsent: 10, help: 'End after so many that were shown' },
    rate: RATE_OPTION,
    before: { kind: 'flag', short: 'b', help: 'Show it at the entry of the call as well' },
    yields: { kind: 'flag', help: 'Show each value that a generator yields' },
    stack: { kind: 'flag', help: 'Show who called' },
    expand: { ...EXPAND_OPTION, whenAbsent: 1 },
    ...FUNCTION_OPTIONS,
    ...AGENT_WISHES,
    json: jsonOption('watched-call'),
  },
  examples: [
    ['watch 4242 shop.cart Cart add', 'arguments of the next ten calls'],
    ['watch 4242 shop.cart:Cart.add --expr "args[0], return_obj, cost"', 'what Python makes of each call'],
    ['watch 4242 shop.orders submit -f "kwargs[\'total\'] > 100" -n 1', 'waits for one such call'],
    ['watch 4242 shop.orders submit -e --stack', 'calls that fail, with who called'],
    ['watch 4242 orders.py:51 --for 60s --jsonl', 'the function at that line, for programs'],
  ],

  async run(
    { pid, expr, exception, limits, rate, before, yields, stack, expand, raw, json, ...words },
    context,
  ) {
    const shown = expr ?? 'args,kwargs';
    const depth = expandAround(LEVELS_AROUND, expand);
    const manner = treeMannerOf(depth, context);
    const wish = {
      ...functionWishOf(words),
      ...streamWishOf(words),
      expression: expr,
      onlyErrors: exception,
      limit: limits,
      rate: rate === ALL ? undefined : rate,
      atEntry: before,
      yields,
      stack,
      repr: raw,
      budget: renderBudget(depth, context),
    };
    const command = { name: 'watch', pid, ...words, json };
    return await hearCalls(command, context, async (agent, { signal, listener }) => {
      const manners = {
        lines: (call: WatchedCall, hooked: HookedFunction) =>
          watchedCallLines(call, { hooked, expression: shown }, manner),
        document: watchedCallToJson,
      };
      return { account: await agent.watch({ ...wish, signal }, listener(manners)) };
    });
  },
});

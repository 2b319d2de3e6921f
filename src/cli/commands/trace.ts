import type { CallTree, HookedFunction } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { callTreeToJson } from '../../report/call-tree-json.ts';
import { callTreeLines } from '../../report/call-tree-layout.ts';
import { AGENT_OPTIONS } from '../agent/agent-options.ts';
import { ALL } from '../bounds.ts';
import { hearCalls } from '../calls/call-stream.ts';
import { FUNCTION_ARGUMENTS, FUNCTION_OPTIONS, functionWishOf } from '../calls/function-options.ts';
import { LIMIT_OPTION, STREAM_OPTIONS, streamWishOf } from '../calls/stream-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';

const USUAL_INTERVAL = 0.1;

/** `pyflight trace <pid> module [class] method`: what a function calls, and how long each call takes. */
export const trace = defineCommand({
  name: 'trace',
  summary: 'Show the tree of calls below each call of a function, with their times',
  level: 'L3',
  arguments: FUNCTION_ARGUMENTS,
  options: {
    interval: {
      kind: 'text',
      short: 'i',
      valueName: 'ms',
      help: 'Only calls that take at least so many milliseconds (0.1); shorter ones are counted',
    },
    entranceTime: {
      kind: 'text',
      valueName: 'ms',
      help: 'Only trees of calls of the function that take at least so many milliseconds',
      also: ['-et'],
    },
    depth: {
      kind: 'number',
      short: 'd',
      valueName: 'levels',
      least: 1,
      most: 1000,
      all: ALL,
      whenAbsent: ALL,
      help: 'So many levels, the function itself being the first, however short the calls are',
    },
    limits: { ...LIMIT_OPTION, whenAbsent: 10, help: 'End after so many trees' },
    noFold: { kind: 'flag', help: 'Show each call of the same function from the same line for itself' },
    exception: { kind: 'flag', short: 'e', help: 'Only calls that end with an exception' },
    ...STREAM_OPTIONS,
    ...FUNCTION_OPTIONS,
    ...AGENT_OPTIONS,
    json: jsonOption('traced-call'),
  },
  examples: [
    ['trace 4242 shop.cart checkout', 'what the next ten calls call'],
    ['trace 4242 shop.cart checkout -i 0 -n 1', 'one call, with every call below it'],
    ['trace 4242 shop.cart:Cart.total -et 50', 'calls that take 50 ms and more'],
    ['trace 4242 shop.cart checkout -d 2', 'only what it calls itself'],
    ['trace 4242 shop.cart checkout -f "len(items) > 9"', 'calls for which Python says so'],
  ],

  async run({ pid, interval, entranceTime, depth, limits, noFold, exception, json, ...words }, context) {
    const { style, columns } = context;
    const least = interval === undefined ? USUAL_INTERVAL : millisecondsOf(interval, '--interval');
    const levels = depth === ALL ? undefined : depth;
    const wish = {
      ...functionWishOf(words),
      ...streamWishOf(words),
      onlyErrors: exception,
      limit: limits,
      interval: least,
      entranceTime: entranceTime === undefined ? undefined : millisecondsOf(entranceTime, '--entrance-time'),
      depth: levels,
      unfolded: noFold,
    };
    const manner = { style, columns, interval: least, depth: levels };
    const command = { name: 'trace', pid, ...words, json };
    return await hearCalls(command, context, async (agent, { signal, listener }) => {
      const manners = {
        lines: (tree: CallTree, hooked: HookedFunction) => callTreeLines(tree, hooked, manner),
        document: callTreeToJson,
      };
      return { account: await agent.trace({ ...wish, signal }, listener(manners)) };
    });
  },
});

function millisecondsOf(given: string, flag: string): number {
  const value = Number(given);
  if (/^[0-9]*\.?[0-9]+$/u.test(given) && value <= 1e9) return value;
  throw new BadArgumentError(
    `Cannot use ${given} as ${flag}: it must be a number of milliseconds, as 0.1 or 50`,
  );
}

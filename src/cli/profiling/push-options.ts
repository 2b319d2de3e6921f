import { BadArgumentError } from '../../base/errors.ts';
import { secondsOf } from '../calls/stream-options.ts';
import type { OptionSpecs } from '../command.ts';

/** The options of commands that send windows of a profile to a server. */
export const PUSH_OPTIONS = {
  push: {
    kind: 'text',
    valueName: 'url',
    help: 'Send what was seen to Pyroscope (http://host:4040) or a receiver of OTLP profiles (otlp+http://host:4318)',
  },
  pushEvery: { kind: 'text', valueName: 'time', help: 'What each message is about: 10s, 1m (10 s)' },
  pushName: {
    kind: 'text',
    valueName: 'name',
    help: 'What the application is called there (by its command)',
  },
  pushLabel: {
    kind: 'text',
    valueName: 'labels',
    help: 'What it is found by there: env=prod; several with commas between them',
  },
} as const satisfies OptionSpecs;

/** What was typed of {@link PUSH_OPTIONS}. */
export interface PushWords {
  readonly push: string | undefined;
  readonly pushEvery: string | undefined;
  readonly pushName: string | undefined;
  readonly pushLabel: string | undefined;
}

/** Where windows are to be sent, how often, and as what. */
export interface PushWish {
  readonly url: string;
  readonly everyMs: number;
  readonly name?: string;
  readonly labels?: string;
}

const USUAL_EVERY = '10s';
const SHORTEST_MS = 100;
const LONGEST_MS = 3_600_000;

/** What the command line says about sending windows; `undefined` when none are to be sent. */
export function pushWishOf(words: PushWords): PushWish | undefined {
  const { push: url, pushEvery, pushName: name, pushLabel: labels } = words;
  if (url === undefined) {
    if ((pushEvery ?? name ?? labels) === undefined) return undefined;
    throw new BadArgumentError('Cannot tell where to send it: name a server with --push');
  }
  const everyMs = secondsOf(pushEvery ?? USUAL_EVERY) * 1000;
  if (everyMs < SHORTEST_MS || everyMs > LONGEST_MS)
    throw new BadArgumentError(`Cannot use ${pushEvery} as --push-every: it must lie within 100ms and 1h`);
  if (name?.trim() === '')
    throw new BadArgumentError('Cannot push under no name: leave --push-name out, or fill it');
  return {
    url,
    everyMs,
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
  };
}

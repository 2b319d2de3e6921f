import { expect, test } from 'vitest';
import { pushWishOf } from './push-options.ts';

const NOTHING = { push: undefined, pushEvery: undefined, pushName: undefined, pushLabel: undefined };

test('pushWishOf() wants nothing where nothing was typed, and ten seconds where no time was', () => {
  expect(pushWishOf(NOTHING)).toBeUndefined();
  expect(pushWishOf({ ...NOTHING, push: 'http://host' })).toEqual({ url: 'http://host', everyMs: 10_000 });
  expect(
    pushWishOf({ push: 'http://host', pushEvery: '1m', pushName: 'shop', pushLabel: 'env=prod' }),
  ).toEqual({
    url: 'http://host',
    everyMs: 60_000,
    name: 'shop',
    labels: 'env=prod',
  });
});

test.each([
  [{ pushName: 'shop' }, 'Cannot tell where to send it: name a server with --push'],
  [
    { push: 'http://host', pushEvery: '1ms' },
    'Cannot use 1ms as --push-every: it must lie within 100ms and 1h',
  ],
  [{ push: 'http://host', pushEvery: '2h' }, 'Cannot use 2h as --push-every'],
  [{ push: 'http://host', pushName: ' ' }, 'Cannot push under no name'],
])('pushWishOf(%j) is refused', (words, sentence) => {
  expect(() => pushWishOf({ ...NOTHING, ...words })).toThrow(sentence);
});

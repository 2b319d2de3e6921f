import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

test('BoundedCache makes a thing once while it has room, and again after it was dropped', () => {
  const cache = new BoundedCache(10);
  const made: string[] = [];
  const slot = (name: string) =>
    cache.slot(
      () => {
        made.push(name);
        return { name };
      },
      () => 4,
    );
  const [a, b, c] = [slot('a'), slot('b'), slot('c')];
  a.get();
  b.get();
  a.get();
  expect(made).toEqual(['a', 'b']);
  c.get();
  expect(a.get().name).toBe('a');
  expect(made).toEqual(['a', 'b', 'c']);
  b.get();
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});

test('BoundedCache keeps a thing that is larger than all it may keep until the next comes', () => {
  const cache = new BoundedCache(10);
  const large = cache.slot(
    () => new Uint8Array(100),
    (bytes) => bytes.length,
  );
  expect(large.get()).toBe(large.get());
  expect(cache.keptBytes).toBe(100);
  cache
    .slot(
      () => ({}),
      () => 1,
    )
    .get();
  expect(cache.keptBytes).toBe(1);
});

test('BoundedCache never keeps more than its bound and the newest thing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (uses) => {
      const cache = new BoundedCache(50);
      const slots = Array.from({ length: 21 }, (_, size) =>
        cache.slot(
          () => ({ size }),
          () => size,
        ),
      );
      for (const use of uses) {
        expect(slots[use]?.get().size).toBe(use);
        expect(cache.keptBytes).toBeLessThanOrEqual(50);
      }
    }),
  );
});

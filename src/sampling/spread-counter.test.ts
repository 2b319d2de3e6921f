import { expect, test } from 'vitest';
import { SpreadCounter } from './spread-counter.ts';

test('tells median, 99 % and most of what was counted, within a sixteenth', () => {
  const counter = new SpreadCounter();
  for (let ns = 1; ns <= 10_000; ns += 1) counter.add(ns);
  const { medianNs, p99Ns, mostNs } = counter.spread;
  expect(Math.abs(medianNs / 5000 - 1)).toBeLessThan(1 / 16);
  expect(Math.abs(p99Ns / 9900 - 1)).toBeLessThan(1 / 16);
  expect(mostNs).toBe(10_000);
});

test('of nothing everything is 0, and of one time each is about that', () => {
  const counter = new SpreadCounter();
  expect(counter.spread).toEqual({ medianNs: 0, p99Ns: 0, mostNs: 0 });
  counter.add(3_000_000);
  const { medianNs, p99Ns, mostNs } = counter.spread;
  expect([medianNs, p99Ns].every((ns) => Math.abs(ns / 3_000_000 - 1) < 1 / 16)).toBe(true);
  expect(mostNs).toBe(3_000_000);
});

test('a clock that goes back, and years, are counted too', () => {
  const counter = new SpreadCounter();
  counter.add(-5);
  counter.add(1e18);
  expect(counter.spread.mostNs).toBe(1e18);
});

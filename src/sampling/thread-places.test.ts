import { expect, test } from 'vitest';
import { makeProfiledThread } from '../../test/support/profiles.ts';
import { ThreadPlaces } from './thread-places.ts';

const WORKER = makeProfiledThread({ osThreadId: undefined, name: undefined, isMainThread: false });

test('a thread that ended without a sample leaves its place to the next one', () => {
  const places = new ThreadPlaces();
  places.begin(makeProfiledThread());
  for (let thread = 0; thread < 5000; thread += 1) {
    expect(places.begin(WORKER)).toBe(1);
    places.release(1);
  }
  expect(places.threads.length).toBe(2);
  expect(places.threads[1]).toMatchObject({ serial: 5000, sharedBy: 1 });
  expect(places.sharing).toBe(0);
});

test('beyond a number of threads that ended with samples, later ones take turns at their places', () => {
  const places = new ThreadPlaces();
  for (let round = 0; round < 5000; round += 1) {
    const [one, other] = [places.begin(WORKER), places.begin(WORKER)];
    expect(one).not.toBe(other);
    for (const place of [one, other]) {
      places.learn(place, { ...WORKER, osThreadId: round, name: `worker-${place}` });
      places.keep(place);
    }
  }
  const { threads } = places;
  expect(threads.length).toBeLessThanOrEqual(1002);
  expect(threads.reduce((sum, { sharedBy }) => sum + sharedBy, 0)).toBe(10_000);
  expect(places.sharing).toBe(10_000 - threads.length);
  const own = threads.filter(({ sharedBy }) => sharedBy === 1);
  expect(own.length).toBeGreaterThan(990);
  expect(own.every(({ osThreadId }) => osThreadId !== undefined)).toBe(true);
  for (const { osThreadId, pthreadId, name, sharedBy } of threads)
    if (sharedBy > 1)
      expect([osThreadId, pthreadId, name]).toEqual([undefined, undefined, expect.any(String)]);
});

test('places are shared by threads of one interpreter of one process only', () => {
  const places = new ThreadPlaces(1);
  const [mine, inner, others] = [WORKER, { ...WORKER, interpreterId: 1 }, { ...WORKER, process: 1 }];
  places.keep(places.begin(mine));
  expect(places.begin(inner)).toBe(1);
  expect(places.begin(others)).toBe(2);
  expect(places.begin(mine)).toBe(0);
});

test('places that were kept are free once nobody speaks of their samples', () => {
  const places = new ThreadPlaces();
  const first = places.begin(WORKER);
  places.keep(first);
  expect(places.begin(WORKER)).not.toBe(first);
  places.releaseKept();
  expect(places.begin(WORKER)).toBe(first);
  expect(places.threads[first]).toEqual({ ...WORKER, serial: 2, sharedBy: 1 });
});

import { expect, test } from 'vitest';
import { Schedule } from './schedule.ts';

test('a sweep is due once in each slot, where chance puts it', () => {
  const chances = [0.5, 0, 0.999, 0.25];
  const schedule = new Schedule(1000, 100, () => chances.shift() ?? 0);
  const due = [schedule.dueNs];
  for (let sweep = 0; sweep < 3; sweep += 1) {
    schedule.advance(schedule.dueNs + 1);
    due.push(schedule.dueNs);
  }
  expect(due).toEqual([1050, 1100, 1299.9, 1325]);
  expect(schedule.missed).toBe(0);
});

test('slots that went by are counted, and the next sweep is in the one that has begun', () => {
  const schedule = new Schedule(0, 100, () => 0.5);
  schedule.advance(430);
  expect(schedule.missed).toBe(3);
  expect(schedule.dueNs).toBe(450);
});

test('a sweep that ends in its own slot or in the next one misses nothing', () => {
  const schedule = new Schedule(0, 100, () => 0);
  schedule.advance(60);
  schedule.advance(199);
  expect([schedule.missed, schedule.dueNs]).toEqual([0, 200]);
});

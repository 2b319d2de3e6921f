import { expect, test } from 'vitest';
import { SampleState, SampleTable, samplesOf } from './sample-table.ts';

function rows(table: SampleTable): readonly (readonly number[])[] {
  return [...samplesOf(table.blocks)].map(({ thread, stack, state, startNs, weightNs, looks }) => [
    thread,
    stack,
    state,
    startNs,
    weightNs,
    looks,
  ]);
}

test('looks in a row that found the same are one sample, for each thread apart', () => {
  const table = new SampleTable();
  for (const [at, stack] of [7, 7, 8, 7].entries()) {
    table.beginSweep(at * 10, 10);
    table.add(0, stack, 1);
    table.add(1, 9, 0);
  }
  expect(rows(table)).toEqual([
    [0, 7, 1, 0, 20, 2],
    [1, 9, 0, 0, 40, 4],
    [0, 8, 1, 20, 10, 1],
    [0, 7, 1, 30, 10, 1],
  ]);
});

test('a look that was left out, or another state, begins another sample', () => {
  const table = new SampleTable();
  table.beginSweep(0, 10);
  table.add(0, 7, 1);
  table.interrupt(0);
  table.beginSweep(20, 10);
  table.add(0, 7, 1);
  table.beginSweep(30, 10);
  table.add(0, 7, 2);
  expect(rows(table).map(([, , state, , , looks]) => [state, looks])).toEqual([
    [1, 1],
    [1, 1],
    [2, 1],
  ]);
});

test('what was taken is not told again', () => {
  const table = new SampleTable();
  table.beginSweep(0, 10);
  for (let stack = 1; stack <= 70_000; stack += 1) table.add(0, stack, 0);
  expect([...samplesOf(table.takeBlocks())].length).toBe(70_000);
  expect(table.blocks).toEqual([]);
  table.add(0, 70_000, 0);
  expect(rows(table).length).toBe(1);
});

test('SampleTable.addWaiting() adds up the tasks that wait at a stack, beside what their thread does', () => {
  const table = new SampleTable();
  for (let sweep = 0; sweep < 3; sweep += 1) {
    table.beginSweep(sweep * 10, 10);
    table.add(0, 1, 0);
    table.addWaiting(0, 7, 40);
    table.addWaiting(1, 7, 1);
  }
  const rows = [...samplesOf(table.takeBlocks())].map(({ thread, stack, looks, weightNs, state }) => ({
    thread,
    stack,
    looks,
    weightNs,
    waits: (state & SampleState.waits) !== 0,
  }));
  expect(rows).toEqual([
    { thread: 0, stack: 1, looks: 3, weightNs: 30, waits: false },
    { thread: 0, stack: 7, looks: 120, weightNs: 1200, waits: true },
    { thread: 1, stack: 7, looks: 3, weightNs: 30, waits: true },
  ]);
  table.beginSweep(30, 10);
  table.addWaiting(0, 7, 2);
  expect([...samplesOf(table.takeBlocks())]).toHaveLength(1);
});

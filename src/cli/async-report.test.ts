import { expect, test } from 'vitest';
import { runCommandLine } from '../../test/support/fake-cli.ts';
import { makeLoop, makeSnapshot, makeTask } from '../../test/support/snapshots.ts';

const WORLD = { snapshots: [makeSnapshot([], { asyncLoops: [makeLoop([makeTask()])] })] };

test.each([
  [['--all-tasks'], 'Cannot use --all-tasks without --async: it is about its tasks'],
  [['--tree'], 'Cannot use --tree without --async: it is about its tasks'],
  [['-a', '--no-fold'], 'Cannot use --no-fold without --tree: only the tree folds tasks'],
  [['-a', '--tree', '--locals'], 'Cannot use --locals with --tree: it shows one frame of each task'],
  [['-a', '--watch'], 'Cannot use --watch with --async: leave out one of them'],
  [['-a', '--native-all'], 'Cannot use --native-all with --async: tasks have no native frames'],
  [['-a', '--format', 'pyflame'], 'Cannot use --format pyflame with --async: leave out one of them'],
])('refuseAsync() refuses %j', async (options, message) => {
  const { status, out, notes } = await runCommandLine(['stack', '5010', ...options], WORLD);
  expect([status, out, notes.split('\n')[0]]).toEqual([2, '', `error: ${message}`]);
});

test.each([
  [['-a'], 'unfinished', 'Async Coroutine/Task Stacks'],
  [['--async', '--all-tasks'], 'all', 'Async Coroutine/Task Stacks'],
  [['-a', '--tree'], 'unfinished', 'Async Task Tree'],
])('asyncWish() asks for what %j says', async (options, choice, title) => {
  const { status, out, calls } = await runCommandLine(['stack', '5010', ...options], WORLD);
  expect(status).toBe(0);
  expect(calls).toContain(`snapshot {"locals":false,"pause":true,"async":"${choice}"}`);
  expect(out.split('\n')[1]).toBe(title);
});

test('asyncReport() leaves tasks to the JSON where that was asked for', async () => {
  const { out } = await runCommandLine(['stack', '5010', '-a', '--json'], WORLD);
  const { asyncLoops } = JSON.parse(out);
  expect(asyncLoops.map(({ tasks }: { tasks: readonly { name: string }[] }) => tasks[0]?.name)).toEqual([
    'poll',
  ]);
});

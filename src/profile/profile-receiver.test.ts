import { expect, test } from 'vitest';
import { makeAccount, makeProfiledThread, makeProfileFrame } from '../../test/support/profiles.ts';
import { FrameTable } from './frame-table.ts';
import type { ProfiledThread } from './profile.ts';
import { ProfileReceiver } from './profile-receiver.ts';
import { ProfileSender } from './profile-sender.ts';
import { SampleTable } from './sample-table.ts';
import { EMPTY_STACK, StackTree } from './stack-tree.ts';
import { WeightedTree } from './weighted-tree.ts';

function emptyTables() {
  return {
    processes: [],
    threads: [] as ProfiledThread[],
    frames: new FrameTable(),
    stacks: new StackTree(),
    samples: new SampleTable(),
  };
}

type Tables = ReturnType<typeof emptyTables>;

function look({ frames, stacks, samples }: Tables, ...names: readonly string[]): void {
  let stack = EMPTY_STACK;
  for (const name of names) stack = stacks.child(stack, frames.indexOf(makeProfileFrame(name)));
  samples.beginSweep(0, 1);
  samples.add(0, stack, 0);
}

/** The stacks that a window has samples of. */
function seenIn(profile: Parameters<typeof pathsOf>[0]) {
  return pathsOf(profile).toSorted();
}

function pathsOf(profile: ConstructorParameters<typeof WeightedTree>[0]): readonly string[] {
  const tree = new WeightedTree(profile);
  return [...tree.seen()].map((stack) =>
    tree
      .framesOf(stack)
      .map(({ name }) => name)
      .join(';'),
  );
}

test('ProfileReceiver.add() gives what a ProfileSender took, with all that it refers to', () => {
  const tables = emptyTables();
  const [sender, receiver] = [new ProfileSender(tables), new ProfileReceiver()];
  look(tables, 'main', 'load');
  const first = receiver.add(structuredClone(sender.take(makeAccount())));
  look(tables, 'main', 'load', 'parse');
  look(tables, 'main');
  const second = receiver.add(structuredClone(sender.take(makeAccount())));
  expect(seenIn(first)).toEqual(['main;load']);
  expect(seenIn(second)).toEqual(['main', 'main;load;parse']);
  expect(first.frames.map(({ name }) => name)).toEqual(['main', 'load']);
  expect([first.stacks.count, second.stacks.count]).toEqual([3, 4]);
});

test('ProfileSender.take() tells what is new and no more', () => {
  const tables = emptyTables();
  const sender = new ProfileSender(tables);
  tables.threads.push(makeProfiledThread({ name: undefined }), makeProfiledThread());
  look(tables, 'main', 'load');
  sender.take(makeAccount());
  look(tables, 'main', 'load');
  expect(sender.take(makeAccount())).toMatchObject({
    isFirst: false,
    threads: [],
    frames: [],
    stacks: { count: 0 },
  });
  tables.threads[0] = makeProfiledThread({ name: 'late' });
  expect(sender.take(makeAccount()).threads).toEqual([[0, makeProfiledThread({ name: 'late' })]]);
});

test('ProfileReceiver.add() forgets its tables when others begin, and leaves the windows before as they were', () => {
  const receiver = new ProfileReceiver();
  const [before, after] = [emptyTables(), emptyTables()];
  look(before, 'main', 'load');
  const first = receiver.add(new ProfileSender(before).take(makeAccount()));
  look(after, 'serve');
  const second = receiver.add(new ProfileSender(after).take(makeAccount()));
  expect([seenIn(first), seenIn(second)]).toEqual([['main;load'], ['serve']]);
  expect(second.frames).toHaveLength(1);
});

test('ProfileReceiver.add() keeps stacks that no longer fit where they were', () => {
  const tables = emptyTables();
  const [sender, receiver] = [new ProfileSender(tables), new ProfileReceiver()];
  const names = Array.from({ length: 3000 }, (_, depth) => `f${depth}`);
  for (let depth = 1; depth <= names.length; depth += 500) {
    look(tables, ...names.slice(0, depth));
    expect(pathsOf(receiver.add(sender.take(makeAccount())))[0]?.split(';')).toHaveLength(depth);
  }
});

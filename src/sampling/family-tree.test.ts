import { expect, test } from 'vitest';
import { FamilyTree, type WatchedProgram } from './family-tree.ts';

const MS = 1e6;

/** Processes that a test starts, ends and replaces, and how often children were listed. */
class MadeProcesses {
  readonly parents = new Map<number, number>();
  readonly programs = new Map<number, string>();

  start(pid: number, parent: number, program = 'python'): this {
    this.parents.set(pid, parent);
    this.programs.set(pid, program);
    return this;
  }

  end(pid: number): void {
    this.parents.delete(pid);
    this.programs.delete(pid);
    for (const [child, parent] of this.parents) if (parent === pid) this.parents.set(child, 1);
  }

  readonly listChildren = (parents: ReadonlySet<number>) =>
    [...this.parents].filter(([, parent]) => parents.has(parent));

  /** How many programs are watched. */
  watched = 0;

  readonly watchProgram = (pid: number): WatchedProgram | undefined => {
    const begun = this.programs.get(pid);
    const readFate = () => {
      const now = this.programs.get(pid);
      return now === undefined ? 'ended' : now === begun ? 'goes-on' : 'replaced';
    };
    if (begun === undefined) return undefined;
    this.watched += 1;
    const end = () => {
      this.watched -= 1;
    };
    return { readFate, [Symbol.dispose]: end };
  };
}

/** A tree of process 10 at moment 0, of which all members that are due are sampled. */
function growTree(reader: MadeProcesses, followsChildren = true) {
  const tree = new FamilyTree(10, { reader, followsChildren }, 0);
  const settleAll = (nowNs: number): readonly number[] => {
    const opened: number[] = [];
    for (let next = tree.nextToOpen(nowNs); next !== undefined; next = tree.nextToOpen(nowNs)) {
      tree.settle(next, 'sampled');
      opened.push(next.pid);
    }
    return opened;
  };
  return { tree, settleAll };
}

test('FamilyTree has all that are there opened at once, at any depth, and those that come a while later', () => {
  const made = new MadeProcesses().start(10, 1).start(11, 10, 'sh').start(12, 11).start(13, 12).start(14, 1);
  const { tree, settleAll } = growTree(made);
  expect(settleAll(0)).toEqual([10, 11, 12, 13]);
  made.start(20, 13).start(21, 20);
  expect(tree.look(50 * MS)).toEqual([]);
  expect(settleAll(50 * MS)).toEqual([]);
  expect(settleAll(70 * MS)).toEqual([20, 21]);
  expect(tree.isWaiting).toBe(false);
});

test('FamilyTree follows nobody but the root when it is not asked to', () => {
  const made = new MadeProcesses().start(10, 1).start(11, 10);
  const { tree, settleAll } = growTree(made, false);
  tree.look(0);
  expect(settleAll(100 * MS)).toEqual([10]);
});

test('FamilyTree knows who started a process also when that has ended, and goes on with what it left', () => {
  const made = new MadeProcesses().start(10, 1).start(11, 10);
  const { tree, settleAll } = growTree(made);
  settleAll(0);
  made.start(12, 11);
  tree.look(0);
  made.end(11);
  expect(tree.look(10 * MS).map(({ pid }) => pid)).toEqual([11]);
  made.start(13, 12);
  tree.look(20 * MS);
  expect(tree.nextToOpen(20 * MS)?.parent?.pid).toBe(11);
  expect(settleAll(40 * MS)).toEqual([12, 13]);
  made.end(10);
  expect([tree.isRootThere, tree.look(50 * MS).length, tree.isRootThere]).toEqual([true, 1, false]);
});

test('FamilyTree has a process opened anew when it has begun another program', () => {
  const made = new MadeProcesses().start(10, 1);
  const { tree, settleAll } = growTree(made);
  settleAll(0);
  made.programs.set(10, 'another python');
  expect(tree.look(0).map(({ pid }) => pid)).toEqual([10]);
  expect([settleAll(10 * MS), settleAll(20 * MS)]).toEqual([[], [10]]);
  made.programs.set(10, 'a third');
  expect([tree.check(tree.root, 0), tree.check(tree.root, 0)]).toEqual([true, false]);
});

test('FamilyTree gives up a program that becomes no Python, until there is another one', () => {
  const made = new MadeProcesses().start(10, 1, 'sh');
  const { tree } = growTree(made);
  let nowNs = 0;
  while (tree.isWaiting) {
    const next = tree.nextToOpen(nowNs);
    if (next !== undefined) tree.postpone(next, nowNs);
    nowNs += MS;
  }
  expect(nowNs).toBeGreaterThan(2500 * MS);
  expect([tree.nextToOpen(1e12), tree.isRootThere]).toEqual([undefined, true]);
  made.programs.set(10, 'python');
  tree.look(1e12);
  expect(tree.nextToOpen(2e12)?.pid).toBe(10);
});

test('FamilyTree watches each program once, and none when it is done with', () => {
  const made = new MadeProcesses().start(10, 1).start(11, 10).start(12, 10);
  const { tree, settleAll } = growTree(made);
  settleAll(0);
  made.end(11);
  made.start(12, 10, 'sh');
  tree.look(10 * MS);
  expect(made.watched).toBe(2);
  tree[Symbol.dispose]();
  expect(made.watched).toBe(0);
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { attach, type CoreInspection, type Inspection, openCore } from '../../src/api/index.ts';
import { NoSuchNameError, NotKeptError } from '../../src/base/errors.ts';
import { objectTree } from '../../src/report/object-tree.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { findInterpreters, firstOfEach } from '../support/interpreters.ts';
import { type MemoryFacts, memoryFacts } from '../support/memory-truth.ts';
import { untilSettled } from '../support/settled.ts';
import { startTarget } from '../support/target.ts';

type Asked = Inspection | CoreInspection;

/** What each global looks like; addresses are put as X. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  mixed: ['{', '  1: "a",', '  "b": 2,', '  (1, None): 3.5', '}'],
  cycle: ['[', '  1,', '  <cycle: list at X>', ']'],
  point: ['Point(', '  x=1,', '  y=[', '    2', '  ]', ')'],
  one: ['(', '  1,', ')'],
  mute: ['<__main__.Mute object at X>'],
  failure: ["ValueError('wrong', 3)"],
  slots: ['Slots({', '  "first": "x",', '  "second": [', '    1', '  ]', '})'],
  unsafe: ['"\\u202e\\x1b[31m\\"quoted\\"\\\\"'],
  'Novel.kind': ['"book"'],
  'Book.Page.size': ['{', '  "a": (', '    1,', '  )', '}'],
  'shown.number': ['7'],
  'shown.pages.p': [],
};

function shownValue(asked: Asked, path: string, depth = 2): readonly string[] {
  const { value } = asked.global({ module: '__main__', path: path.split('.'), depth });
  const { lines } = objectTree(value, { depth, budget: 10_000 });
  return lines.map((line) => line.replaceAll(/0x[0-9a-f]+/gu, 'X'));
}

function checkValues(asked: Asked, isPython2: boolean): void {
  for (const [path, lines] of Object.entries(VALUES)) {
    if (lines.length === 0) continue;
    const shown = shownValue(asked, path);
    // Python 2 keeps no order, and has a mark for the other kind of text.
    if (!isPython2) expect(shown, path).toEqual(lines);
    else
      expect(
        shown.map((line) => line.replace(/^u"|,$/u, (mark) => (mark === ',' ? '' : '"'))).toSorted(),
      ).toEqual(lines.map((line) => line.replace(/,$/u, '')).toSorted());
  }
  expect(shownValue(asked, 'long_list').slice(-2)).toEqual(['  ... 80 more', ']']);
  expect(asked.global({ module: '__main__', path: ['Novel', 'title'] })).toMatchObject({
    foundIn: '__main__.Book',
    value: { kind: 'descriptor', type: 'property' },
  });
  const global = (...path: string[]) => asked.global({ module: '__main__', path });
  expect(global('Book', 'make').value).toMatchObject({ kind: 'descriptor', type: 'classmethod' });
  expect(global('Slots', 'first').value).toMatchObject({ kind: 'descriptor', type: 'member' });
  expect(global('shown', 'me', 'me').address).toBe(global('shown').address);
  expect(() => global('nobody')).toThrow(NoSuchNameError);
  expect(() => asked.global({ module: 'shelf.nobody', path: ['x'] })).toThrow(/it is not loaded/u);
}

function checkModules(asked: Asked, { modules, files }: MemoryFacts, isCore: boolean): void {
  const seen = asked.modules();
  const ofMain = seen.modules.filter(({ interpreterId }) => interpreterId === 0);
  expect(ofMain.map(({ name, file }) => [name, file ?? null]).toSorted()).toEqual(modules.toSorted());
  const namesOf = (file: string) => asked.modules({ file }).modules.map(({ name }) => name);
  expect(namesOf(files.source)).toEqual(['shelf.books']);
  expect(namesOf(files.package)).toEqual(['shelf']);
  expect(namesOf('/nowhere/books.py')).toEqual([]);
  // Python 2's sys.modules has no order.
  const listed = asked.modules({ glob: 'shelf*' }).modules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expect(listed.map(({ name }) => name)).toEqual(['shelf', 'shelf.books', 'shelf.changed', 'shelf.gone']);
  if (isCore) return;
  expect(namesOf(files.linked)).toEqual(['shelf.books']);
  // Written with times of long ago, and so seen as put there since the process began.
  expect(listed.map(({ fileState }) => fileState)).toEqual(['replaced', 'replaced', 'changed', 'gone']);
  const zipped = asked.modules({ glob: 'zipped' }).modules[0];
  expect(zipped?.fileState).toBe('archive');
  expect(asked.modules({ glob: 'sys' }).modules[0]).toMatchObject({ kind: 'builtin', fileState: undefined });
}

function checkInstances(asked: Asked, truth: MemoryFacts): void {
  const [bookCount, novelCount, oldCount] = truth.counts;
  const books = asked.instances({ module: '__main__', className: 'Book', limit: 50 });
  expect(books.problems.filter(({ kind }) => kind === 'torn-heap')).toEqual([]);
  expect([books.total, books.instances.length]).toEqual([bookCount, 50]);
  expect(books.counts).toEqual([
    { typeName: '__main__.Book', count: bookCount - novelCount },
    { typeName: '__main__.Novel', count: novelCount },
  ]);
  expect(books.trackedCount).toBeGreaterThanOrEqual(truth.tracked);
  expect(books.trackedCount).toBeLessThan(truth.tracked + 1000);
  expect(asked.instances({ module: '__main__', className: 'Old', limit: 0 }).total).toBe(oldCount);
  const [total, isTracked] = truth.nothing;
  const nothing = asked.instances({ module: '__main__', className: 'Nothing' });
  expect(nothing).toMatchObject({ total, untracked: isTracked ? 'none' : 'all' });
}

function checkReferrers(asked: Asked, truth: MemoryFacts): void {
  const { instances } = asked.instances({ module: '__main__', className: 'Wanted', referrers: true });
  const [wanted] = instances;
  const seen = (wanted?.referrers ?? []).filter(({ typeName }) => typeName !== 'frame');
  // How Python 2 keeps deques is not known.
  const hasDeques = asked.facts.python.major > 2;
  const told = truth.referrers.flatMap(([address, typeName]) =>
    typeName === 'deque' && !hasDeques ? [] : [address],
  );
  expect(seen.map(({ address }) => Number(address)).toSorted()).toEqual(told.toSorted());
  expect(wanted?.otherReferrers).toBe(0);
  const places = seen.map(({ typeName, place }) => [typeName, place]);
  expect(places).toContainEqual(['list', { kind: 'index', index: 1 }]);
  expect(places).toContainEqual(['tuple', { kind: 'index', index: 0 }]);
  expect(places).toContainEqual(['__main__.Slots', { kind: 'attribute', name: 'first' }]);
  expect(seen.map(({ owner }) => owner)).toContainEqual({ kind: 'module', name: '__main__' });
  const names = seen.flatMap(({ typeName, owner }) =>
    owner?.kind === 'global' || owner?.kind === 'attribute'
      ? [[typeName, owner.kind, owner.name, 'typeName' in owner ? owner.typeName : '']]
      : [],
  );
  expect(names.toSorted()).toEqual(
    [
      ['dict', 'global', '__main__.direct', ''],
      ['list', 'global', '__main__.row', ''],
      ['dict', 'global', '__main__.Shelf.by_name', ''],
      ['dict', 'attribute', 'held', '__main__.Shelf'],
      ['dict', 'attribute', 'second', '__main__.Slots'],
    ].toSorted(),
  );
  const variables = (wanted?.referrers ?? []).flatMap(({ typeName, place }) =>
    typeName === 'frame' && place?.kind === 'variable' ? [place.name] : [],
  );
  expect(variables).toContain('held_by_me');
}

/** In a C function that keeps the GIL: clock_nanosleep(2) or, in an older C library, nanosleep(2). */
function hangs(pid: number): boolean {
  return /^(230|35|115|101) /u.test(readFileSync(`/proc/${pid}/syscall`, 'latin1'));
}

for (const interpreter of findInterpreters()) {
  describe(interpreter.name, () => {
    test('modules(), global() and instances() tell what the target tells of itself, also when it hangs', async () => {
      await using target = await startTarget(interpreter, 'memory-questions.py');
      await untilSettled(target.groundTruth);
      using inspection = await attach(target.pid, { native: false });
      const truth = memoryFacts(target.groundTruth);
      checkValues(inspection, interpreter.family === '2.7');
      checkModules(inspection, truth, false);
      if (interpreter.isFreeThreaded) {
        const ask = () => inspection.instances({ module: '__main__', className: 'Book' });
        expect(ask).toThrow(NotKeptError);
        return;
      }
      checkInstances(inspection, truth);
      checkReferrers(inspection, truth);
      const moving = { module: '__main__', className: 'Book', limit: 0, pause: false };
      expect(inspection.instances(moving).total).toBe(truth.counts[0]);
      target.say('hang');
      await expect.poll(() => hangs(target.pid), { timeout: 20_000 }).toBe(true);
      checkValues(inspection, interpreter.family === '2.7');
      expect(inspection.instances({ ...moving, pause: true }).total).toBe(truth.counts[0]);
    });
  });
}

/** One of each way in which instances and the collector's lists are kept. */
const CORE_FAMILIES = ['2.7', '3.8', '3.11', '3.12', '3.13'];

const INTERPRETERS_OF_CORES = firstOfEach(
  CORE_FAMILIES,
  findInterpreters().filter(({ root }) => root === undefined),
);

describe.skipIf(!hasTool('gcore'))('of a core (gcore is needed)', () => {
  for (const interpreter of INTERPRETERS_OF_CORES) {
    test(`modules(), global() and instances() tell of CPython ${interpreter.name} what the living process would`, async () => {
      using directory = new CoreDirectory();
      await using target = await startTarget(interpreter, 'memory-questions.py');
      await untilSettled(target.groundTruth);
      using core = await openCore(gcore(directory, target.pid), { native: false });
      const truth = memoryFacts(target.groundTruth);
      checkValues(core, interpreter.family === '2.7');
      checkModules(core, truth, true);
      checkInstances(core, truth);
      checkReferrers(core, truth);
    });
  }
});

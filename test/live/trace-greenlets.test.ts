import { expect, test } from 'vitest';
import { attach, type CallTree } from '../../src/api/index.ts';
import { interpretersWith, startWithPackages } from '../support/with-package.ts';

const found = interpretersWith('greenlet');
if (found.length === 0) test.skip('traced greenlets (no interpreter imports greenlet)', () => undefined);

/** What each greenlet calls, a blank for each level; all of them stop in the middle of it. */
const TREES: Readonly<Record<string, readonly string[]>> = {
  red: ['handle', ' red', '  red', '   red', '    pause', '     greenlet.switch'],
  green: ['handle', ' green', '  pause', '   greenlet.switch', '  pause', '   greenlet.switch'],
  blue: ['handle', ' blue ✗', '  pause', '   greenlet.switch', ' pause', '  greenlet.switch'],
};

for (const interpreter of found)
  test(`trace() keeps calls apart that greenlets of CPython ${interpreter.name} have begun in turn`, async () => {
    await using target = await startWithPackages(interpreter, 'traced-greenlets.py');
    await target.nextLine();
    using inspection = await attach(target.pid);
    using agent = await inspection.agent();
    const trees: CallTree[] = [];
    const account = await agent.trace(
      { words: ['__main__', 'handle'], interval: 0, limit: 12, maxOverhead: undefined },
      { onCall: (tree) => trees.push(tree) },
    );
    expect(account).toMatchObject({ shown: 12, isRestored: true, ownFailures: 0 });
    const outlines = trees.map(outlineOf);
    const names = new Set(trees.map(({ calls }) => calls[1]?.function.name ?? ''));
    expect([...names].sort()).toEqual(Object.keys(TREES).sort());
    expect(outlines).toEqual(trees.map(({ calls }) => TREES[calls[1]?.function.name ?? '']));
    for (const { calls } of trees)
      for (const { totalNs } of calls) expect(totalNs).toBeLessThanOrEqual(calls[0]?.totalNs ?? 0);
    expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
  });

function outlineOf({ calls }: CallTree): readonly string[] {
  return calls.map(
    ({ depth, function: { name }, error }) => `${' '.repeat(depth)}${name}${error === undefined ? '' : ' ✗'}`,
  );
}

import { expect, test } from 'vitest';
import { makeProfile, namedStacks } from '../../test/support/profiles.ts';
import { withoutRareStacks } from './rare-stacks.ts';

test('withoutRareStacks() counts rare stacks with their callers, and forgets those that were never seen', () => {
  const profile = makeProfile([
    { stack: 'main;work;deep;deeper', looks: 1 },
    { stack: 'main;work;other', looks: 2 },
    { stack: 'main;rest', looks: 6 },
    { stack: 'rare', looks: 1 },
  ]);
  const folded = withoutRareStacks(profile, 3);
  expect(namedStacks(folded)).toEqual([' 1', 'main;rest 6', 'main;work 3']);
  expect(folded.stacks.count).toBe(4);
  expect(namedStacks(withoutRareStacks(profile, 1))).toEqual(namedStacks(profile));
});

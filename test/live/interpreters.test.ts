import { expect, test } from 'vitest';
import { findInterpreters, findUnusableInterpreters, SUPPORTED_FAMILIES } from '../support/interpreters.ts';

const interpreters = findInterpreters();
const unusable = findUnusableInterpreters();
const isFamilyRequired = process.env['CI'] === 'true';

test('findInterpreters() gives every interpreter a name and a path of its own', () => {
  expect(new Set(interpreters.map(({ name }) => name)).size).toBe(interpreters.length);
  expect(new Set(interpreters.map(({ path }) => path)).size).toBe(interpreters.length);
});

for (const family of SUPPORTED_FAMILIES) {
  const members = interpreters.filter((interpreter) => interpreter.family === family);
  const reasons = unusable
    .filter((each) => each.family === family)
    .map(({ name, reason }) => `${name} ${reason}`);
  const why = reasons.join('; ') || 'none is installed, and none could be fetched';

  test.skipIf(members.length === 0 && !isFamilyRequired)(
    members.length > 0 ? `CPython ${family} is in the matrix` : `CPython ${family} is in the matrix (${why})`,
    () => {
      expect(members.map(({ name }) => name)).not.toEqual([]);
    },
  );
}

/** Those that CPython can be built as without a GIL; Debian has none of them. */
for (const family of SUPPORTED_FAMILIES.slice(SUPPORTED_FAMILIES.indexOf('3.13'))) {
  const members = interpreters.filter((each) => each.family === family && each.isFreeThreaded);
  const where = members.length > 0 ? '' : ' (none is installed, CONTRIBUTING.md tells how to build one)';
  test.skipIf(members.length === 0)(`A free-threaded CPython ${family} is in the matrix${where}`, () => {
    expect(members.map(({ kind }) => kind)).toEqual(members.map(() => 'free-threaded'));
  });
}

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

const hasFreeThreaded = interpreters.some(({ isFreeThreaded }) => isFreeThreaded);
test.skipIf(!hasFreeThreaded)(
  `A free-threaded CPython is in the matrix${hasFreeThreaded ? '' : ' (none is installed, and Debian has none)'}`,
  () => {
    expect(interpreters.filter(({ kind }) => kind === 'free-threaded')).not.toEqual([]);
  },
);

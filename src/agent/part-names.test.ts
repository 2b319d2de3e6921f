import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LATER_PARTS, PAYLOAD_PARTS } from './payload-parts.ts';

/** One of them is inside, never both; `hooks` says that there may be none. */
const ENGINES: readonly ReadonlySet<string>[] = [
  new Set(['hooks', 'monitoring', 'trampolines']),
  new Set(['trace_monitoring', 'trace_profile']),
];
/** `def find(…)`, `class Found:`, `MOST = 3`, `CO_A, CO_B = 1, 2`, at the beginning of a line. */
const DEFINED = /^(?:(?:def|class) (?<name>\w+)|(?<names>\w+(?:, \w+)*) =)/gmu;

test('all parts of the agent share their names, and none defines one of another', () => {
  const owners = new Map<string, Set<string>>();
  for (const part of [...PAYLOAD_PARTS, ...LATER_PARTS]) {
    const text = readFileSync(new URL(`./python/${part}.py`, import.meta.url), 'utf8');
    for (const { groups } of text.matchAll(DEFINED)) {
      for (const name of (groups?.['name'] ?? groups?.['names'] ?? '').split(', '))
        owners.set(name, (owners.get(name) ?? new Set()).add(part));
    }
  }
  const shared = [...owners].filter(
    ([, parts]) =>
      parts.size > 1 && !ENGINES.some((engines) => [...parts].every((part) => engines.has(part))),
  );
  expect(shared.map(([name, parts]) => `${name}: ${[...parts].join(', ')}`)).toEqual([]);
});

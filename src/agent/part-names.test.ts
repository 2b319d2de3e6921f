import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CallEngine, LATER_PARTS, PAYLOAD_PARTS, partsFor, reloadParts } from './payload-parts.ts';

/** One of them is inside, never both; `hooks` says that there may be none. */
const ENGINES: readonly ReadonlySet<string>[] = [
  new Set(['hooks', 'monitoring', 'trampolines']),
  new Set(['trace_monitoring', 'trace_profile']),
];
/** `def find(…)`, `class Found:`, `MOST = 3`, `CO_A, CO_B = 1, 2`, at the beginning of a line. */
const DEFINED = /^(?:(?:def|class) (?<name>\w+)|(?<names>\w+(?:, \w+)*) =)/gmu;

/** `find(…)`, of no object, and not where it is defined. */
const CALLED = /(?<![.\w]|def )(?<name>\w+)\(/gu;
const OPS = ['watch', 'trace', 'tt', 'monitor', 'callers', 'torch-profile', 'torch-record'];
const QUESTIONS = ['torch-snapshot', 'torch-tensors', 'allocations', 'census', 'instances'];

function textOf(part: string): string {
  return readFileSync(new URL(`./python/${part}.py`, import.meta.url), 'utf8');
}

function namesOf(part: string): readonly string[] {
  return [...textOf(part).matchAll(DEFINED)].flatMap(({ groups }) =>
    (groups?.['name'] ?? groups?.['names'] ?? '').split(', '),
  );
}

/** Names of other parts that are called where these have not been sent. */
function missing(parts: readonly string[]): readonly string[] {
  const everywhere = new Set([...PAYLOAD_PARTS, ...LATER_PARTS].flatMap(namesOf));
  const known = new Set([...PAYLOAD_PARTS, ...parts].flatMap(namesOf));
  return parts.flatMap((part) =>
    [...textOf(part).matchAll(CALLED)]
      .map(({ groups }) => groups?.['name'] ?? '')
      .filter((name) => everywhere.has(name) && !known.has(name))
      .map((name) => `${part}: ${name}`),
  );
}

test.each<CallEngine>(['monitoring', 'trampolines'])(
  'whatever is asked of an agent with %s, the parts that are sent for it have all that they call',
  (engine) => {
    const sent = [...OPS, ...QUESTIONS].map((op) => [op, missing(partsFor(engine, op))]);
    expect(Object.fromEntries([...sent, ['reload', missing(reloadParts(engine))]])).toEqual(
      Object.fromEntries([...OPS, ...QUESTIONS, 'reload'].map((op) => [op, []])),
    );
  },
);

test('all parts of the agent share their names, and none defines one of another', () => {
  const owners = new Map<string, Set<string>>();
  for (const part of [...PAYLOAD_PARTS, ...LATER_PARTS]) {
    for (const name of namesOf(part)) owners.set(name, (owners.get(name) ?? new Set()).add(part));
  }
  const shared = [...owners].filter(
    ([, parts]) =>
      parts.size > 1 && !ENGINES.some((engines) => [...parts].every((part) => engines.has(part))),
  );
  expect(shared.map(([name, parts]) => `${name}: ${[...parts].join(', ')}`)).toEqual([]);
});

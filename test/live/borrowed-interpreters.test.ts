import { expect, test } from 'vitest';
import { attach, type Snapshot } from '../../src/api/index.ts';
import type { GroundTruth, TrueThread } from '../support/ground-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { untilSettled } from '../support/settled.ts';
import { startTarget } from '../support/target.ts';

interface TrueInterpreter {
  readonly id: number;
  readonly threads: readonly TrueThread[];
}

const FAMILIES = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];
const interpreters = findInterpreters().filter(
  ({ family, kind }) => FAMILIES.includes(family) && (kind === 'shared' || kind === 'other-root'),
);

/** The threads of every interpreter but the main one, in words that a snapshot has too. */
function trueBorrowers(truth: GroundTruth): unknown {
  const told = truth.facts['interpreters'];
  if (!isInterpreters(told)) throw new RangeError('the program told of no interpreters');
  return told.map(({ id, threads }) => ({
    id,
    threads: trueThreads({ threads }).map(({ ident, nativeId, frames }) => ({ ident, nativeId, frames })),
  }));
}

function isInterpreters(told: unknown): told is readonly TrueInterpreter[] {
  return Array.isArray(told) && told.every((each) => Array.isArray(each.threads));
}

function seenBorrowers(snapshot: Snapshot): unknown {
  const borrowed = snapshot.interpreters.filter(({ isMain }) => !isMain).map(({ id }) => id);
  return borrowed.sort().map((id) => {
    // Those that made an interpreter in 3.13 and later leave a state without frames behind.
    const threads = snapshot.threads.filter((each) => each.interpreterId === id && each.frames.length > 0);
    const seen = seenThreads({ ...snapshot, threads });
    return { id, threads: seen.map(({ ident, nativeId, frames }) => ({ ident, nativeId, frames })) };
  });
}

for (const pause of [true, false]) {
  test.each(interpreters.map((each) => [each.name, each] as const))(
    `snapshot({ pause: ${pause} }) shows subinterpreters of %s on the threads that run them, not on those that made them`,
    async (_, interpreter) => {
      await using target = await startTarget(interpreter, 'borrowed-interpreters.py');
      await untilSettled(target.groundTruth);
      using inspection = await attach(target.pid);
      const snapshot = inspection.snapshot({ pause });
      expect(seenBorrowers(snapshot)).toEqual(trueBorrowers(target.groundTruth));
      const main = snapshot.threads.filter(({ interpreterId }) => interpreterId === 0);
      expect(seenThreads({ ...snapshot, threads: main })).toEqual(trueThreads(target.groundTruth));
    },
  );
}

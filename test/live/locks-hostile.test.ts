import { describe, expect, test } from 'vitest';
import { locksToJson } from '../../src/api/index.ts';
import { findRuntime } from '../../src/cpython/discovery/find-runtime.ts';
import { takeLocks } from '../../src/inspect/locks.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { locksLines } from '../../src/report/locks-layout.ts';
import { PLAIN } from '../../src/report/style.ts';
import { withAddressSpace } from '../../src/target/open-modules.ts';
import { RunningProgram } from '../../src/target/running-program.ts';
import { attempt, CASES, FIRST_SEED, hostilityOf, RememberedTarget } from '../support/hostile-cases.ts';
import { HostileMemory, RememberedMemory } from '../support/hostile-memory.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { untilSettled } from '../support/settled.ts';
import { startTarget } from '../support/target.ts';

/** One of each way in which locks and value stacks are kept; and tasks that hold locks. */
const PROGRAMS = [
  ['2.7', 'locks.py'],
  ['3.12', 'locks.py'],
  ['3.14', 'locks.py'],
  ['3.12', 'async-locks.py'],
] as const;
/** Fewer than of stacks, as each takes ten times as long. */
const LOCK_CASES = Math.ceil(CASES / 6);

const targets = PROGRAMS.flatMap(([family, programName]) => {
  const interpreter = findInterpreters().find((each) => each.family === family);
  return interpreter === undefined ? [] : [{ interpreter, programName }];
});

describe.each(targets)(
  'hostile memory of $programName on CPython $interpreter.name',
  ({ interpreter, programName }) => {
    test(`takeLocks() survives ${LOCK_CASES} kinds of it`, { timeout: 600_000 }, async () => {
      await using program = await startTarget(interpreter, programName);
      await untilSettled(program.groundTruth);
      using processMemory = openProcessMemory(program.pid);
      const memory = new HostileMemory(new RememberedMemory(processMemory));
      withAddressSpace(program.pid, memory, (space) => {
        memory.become(undefined);
        const runtime = findRuntime(memory, space, { exhaustive: false });
        if (runtime === undefined) throw new Error('the honest memory has no CPython');
        const makeTarget = () =>
          new RememberedTarget(new RunningProgram(program.pid), { processMemory }, memory, runtime);
        memory.become({ random: () => 1, rate: 0, isSteady: false });
        takeLocks(makeTarget());
        const typicalReads = memory.reads;
        for (let seed = FIRST_SEED; seed < FIRST_SEED + LOCK_CASES; seed += 1) {
          memory.become(undefined);
          const target = makeTarget();
          attempt(seed, () => {
            memory.become(hostilityOf(seed, typicalReads));
            const report = takeLocks(target, { pause: seed % 2 === 0 });
            expect(JSON.stringify(locksToJson(report)).length).toBeGreaterThan(0);
            expect([...locksLines(report, PLAIN)]).toBeDefined();
          });
        }
      });
    });
  },
);

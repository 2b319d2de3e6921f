import { join } from 'node:path';
import { expect, test } from 'vitest';
import { snapshotToJson } from '../../src/api/index.ts';
import { findRuntime } from '../../src/cpython/discovery/find-runtime.ts';
import { takeSnapshot } from '../../src/inspect/snapshot.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { asyncLines } from '../../src/report/async-layout.ts';
import { asyncTreeLines } from '../../src/report/async-tree.ts';
import { PLAIN } from '../../src/report/style.ts';
import { withAddressSpace } from '../../src/target/open-modules.ts';
import { RunningProgram } from '../../src/target/running-program.ts';
import { attempt, hostilityOf, RememberedTarget } from '../support/hostile-cases.ts';
import { HostileMemory, RememberedMemory } from '../support/hostile-memory.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { programsSeenBy, startCommand } from '../support/target.ts';

/** As those of hostile-memory.test.ts; 1,200 of them were tried with these and with 3.6 and 3.10. */
const CASES = Number(process.env['PYFLIGHT_HOSTILE_CASES'] ?? 12);
const FIRST_SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000_000);
/** One of each way to find tasks and to keep frames. */
const FAMILIES = ['3.8', '3.12', '3.15'];

const interpreters = FAMILIES.flatMap(
  (family) => findInterpreters().find((each) => each.family === family && !each.isDebugBuild) ?? [],
);

for (const interpreter of interpreters)
  test(`takeSnapshot() with async of CPython ${interpreter.name} survives ${CASES} kinds of memory`, {
    timeout: 600_000,
  }, async () => {
    const path = join(programsSeenBy(interpreter), 'async-tasks.py');
    const command = ['setarch', '-R', ...interpreter.command, '-S', '-B', path, 'c'];
    await using program = await startCommand(interpreter, command, { env: { PYTHONHASHSEED: '0' } });
    using processMemory = openProcessMemory(program.pid);
    const memory = new HostileMemory(new RememberedMemory(processMemory));
    memory.become(undefined);
    withAddressSpace(program.pid, memory, (space) => {
      const makeTarget = () => {
        const runtime = findRuntime(memory, space, { exhaustive: false });
        if (runtime === undefined) throw new Error('the honest memory has no CPython');
        return new RememberedTarget(new RunningProgram(program.pid), { processMemory }, memory, runtime);
      };
      memory.become({ random: () => 1, rate: 0, isSteady: false });
      takeSnapshot(makeTarget(), { async: 'all' });
      const typicalReads = memory.reads;
      for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
        memory.become(undefined);
        const target = makeTarget();
        attempt(seed, () => {
          memory.become(hostilityOf(seed, typicalReads));
          const snapshot = takeSnapshot(target, { async: 'all', pause: seed % 2 === 0 });
          expect(JSON.stringify(snapshotToJson(snapshot)).length).toBeGreaterThan(0);
          for (const fold of [true, false])
            expect([...asyncTreeLines(snapshot, { style: PLAIN, fold })]).toBeDefined();
          expect([...asyncLines(snapshot, { style: PLAIN, showLocals: false })]).toBeDefined();
        });
      }
    });
  });

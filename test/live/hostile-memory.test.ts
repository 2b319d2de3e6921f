import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snapshotToJson } from '../../src/api/index.ts';
import type { AddressSpace } from '../../src/cpython/discovery/address-space.ts';
import { findRuntime } from '../../src/cpython/discovery/find-runtime.ts';
import { takeSnapshot } from '../../src/inspect/snapshot.ts';
import { openProcessMemory, type ProcessMemory } from '../../src/platform/process-memory.ts';
import { pystackLines } from '../../src/report/pystack-layout.ts';
import { PLAIN } from '../../src/report/style.ts';
import type { LiveTarget } from '../../src/target/live-target.ts';
import { withAddressSpace } from '../../src/target/open-modules.ts';
import { RunningProgram } from '../../src/target/running-program.ts';
import { attempt, hostilityOf, RememberedTarget } from '../support/hostile-cases.ts';
import { HostileMemory, RememberedMemory } from '../support/hostile-memory.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { programsSeenBy, startCommand, type Target as TargetProgram } from '../support/target.ts';

/** PYFLIGHT_HOSTILE_CASES for each version; PYFLIGHT_SEED is the first seed, and a failure names its own. */
const CASES = Number(process.env['PYFLIGHT_HOSTILE_CASES'] ?? 60);
const FIRST_SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000_000);
for (const interpreter of findInterpreters().filter(({ kind }) => kind !== 'debug'))
  describe(`hostile memory of CPython ${interpreter.name}`, () => {
    let program: TargetProgram;
    let processMemory: ProcessMemory;
    let memory: HostileMemory;
    let remembered: RememberedMemory;

    beforeAll(async () => {
      // The same addresses in each run, so that a seed means the same case.
      program = await startCommand(
        interpreter,
        ['setarch', '-R', ...interpreter.command, '-S', '-B', join(programsSeenBy(interpreter), 'locals.py')],
        { env: { PYTHONHASHSEED: '0' } },
      );
      processMemory = openProcessMemory(program.pid);
      remembered = new RememberedMemory(processMemory);
      memory = new HostileMemory(remembered);
    });

    afterAll(async () => {
      memory.become(undefined);
      remembered.forget();
      processMemory[Symbol.dispose]();
      await program.stop();
    });

    function inSpace(ask: (space: AddressSpace) => void): void {
      memory.become(undefined);
      withAddressSpace(program.pid, memory, ask);
    }

    /** How often something reads honest memory. */
    function readsOf(run: () => unknown): number {
      memory.become({ random: () => 1, rate: 0, isSteady: false });
      run();
      return memory.reads;
    }

    function makeTarget(space: AddressSpace): LiveTarget {
      const runtime = findRuntime(memory, space, { exhaustive: false });
      if (runtime === undefined) throw new Error('the honest memory has no CPython');
      return new RememberedTarget(new RunningProgram(program.pid), { processMemory }, memory, runtime);
    }

    test.each([true, false])(
      `takeSnapshot() with pause ${'%s'} survives ${CASES} kinds of it`,
      { timeout: 600_000 },
      (pause) => {
        inSpace((space) => {
          const typicalReads = readsOf(() => takeSnapshot(makeTarget(space), { locals: true, pause }));
          for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
            memory.become(undefined);
            const target = makeTarget(space);
            attempt(seed, () => {
              memory.become(hostilityOf(seed, typicalReads));
              const snapshot = takeSnapshot(target, { locals: true, pause });
              expect(JSON.stringify(snapshotToJson(snapshot)).length).toBeGreaterThan(0);
              expect([...pystackLines(snapshot, { style: PLAIN, showLocals: true })]).toBeDefined();
            });
          }
        });
      },
    );

    test(`findRuntime() survives ${CASES} kinds of it`, { timeout: 600_000 }, () => {
      inSpace((space) => {
        const typicalReads = readsOf(() => makeTarget(space));
        for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
          attempt(seed, () => {
            memory.become(hostilityOf(seed, typicalReads));
            findRuntime(memory, space, { exhaustive: seed % 50 === 0 });
          });
        }
      });
    });
  });

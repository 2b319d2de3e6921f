import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach, type Inspection } from '../../src/api/index.ts';
import type { Departure } from '../../src/model/agent.ts';
import { agentFilesOf } from '../support/agent-scene.ts';
import { untilAsleep } from '../support/injection.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { startTarget, type Target } from '../support/target.ts';

/** In these the main thread stays until it is released, so that they cost no time of their own. */
const LASTING = ['busy', 'read', 'lock', 'select_for_ever', 'condition'];
/** Each way of waiting once, and then again and again, 20 times in all. */
const STATES = ['sleep', 'event_loop', ...LASTING, ...LASTING, ...LASTING, ...LASTING.slice(0, 3)];

/** All that an agent could leave something in, as the process and as the kernel know it. */
async function footprintOf(target: Target): Promise<object> {
  target.say('look');
  const { facts } = await target.next();
  const { modules, lasted: _, ...known } = facts;
  const directory = `/proc/${target.pid}/fd`;
  return {
    ...known,
    modules,
    open: readdirSync(directory).map((fd) => `${fd} ${readlinkSync(join(directory, fd))}`),
    tasks: readdirSync(`/proc/${target.pid}/task`).length,
    files: agentFilesOf(target.pid),
  };
}

describeInterpreters('3.6', (interpreter) => {
  let target: Target;
  let inspection: Inspection;
  beforeAll(async () => {
    target = await startTarget(interpreter, 'injection-states.py');
    inspection = await attach(target.pid);
  });
  afterAll(async () => {
    inspection?.[Symbol.dispose]();
    await target?.stop();
  });

  /** From the outside in, and out again: the thing as it is used. */
  const visit = async (state: string): Promise<Departure> => {
    target.say(state);
    expect((await target.next()).facts).toEqual({ entering: state });
    if (state !== 'busy') await untilAsleep(target.pid);
    const agent = await inspection.agent({ timeoutMs: 20_000 });
    expect(agent.wasInside, state).toBe(false);
    expect(await agent.status(), state).toMatchObject({ hooks: [], running: [], clients: [{ isOwn: true }] });
    expect(agentFilesOf(target.pid), state).toHaveLength(1);
    const { value } = await agent.evaluate({ module: '__main__', expression: 'release() or state' });
    expect(value, state).toMatchObject({ kind: 'view' });
    const departure = await agent.detach();
    expect(departure.left, state).toEqual({ threads: 0, sockets: 0, files: 0 });
    expect((await target.next()).facts, state).toMatchObject({ state, threads: 1, names: [] });
    return departure;
  };

  test.skipIf(interpreter.isFreeThreaded)(
    `an agent comes in and goes ${STATES.length} times, whatever the main thread does, and nothing of it stays`,
    async () => {
      const before = await footprintOf(target);
      const { modulesAdded } = await visit('sleep');
      const after = await footprintOf(target);
      expect(after).toEqual({ ...before, modules: modulesAdded });
      for (const state of STATES.slice(1)) await visit(state);
      expect(await footprintOf(target)).toEqual(after);
      expect(existsSync(`/proc/${target.pid}`)).toBe(true);
    },
    60_000,
  );
});

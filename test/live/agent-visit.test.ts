import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatObject } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { describeInterpreters } from '../support/matrix.ts';

describeInterpreters('3.6', (interpreter) => {
  describe('an agent that comes, works and is detached', () => {
    let scene: AgentScene;
    beforeAll(async () => {
      scene = await AgentScene.open(interpreter);
    });
    afterAll(async () => {
      await scene?.[Symbol.asyncDispose]();
    });

    test('leaves threads, descriptors, files and names as they were, and prints nothing', async () => {
      const before = await scene.footprint();
      const agent = await scene.agent();
      expect(agent.wasInside).toBe(false);
      expect(await agent.status()).toMatchObject({ pid: scene.pid, hooks: [], running: [] });
      expect(scene.files()).toHaveLength(1);
      const { value } = await agent.evaluate({ module: '__main__', path: 'shapes' });
      if (value.kind !== 'view') throw new TypeError('a tree was asked for');
      expect(formatObject(value.view, 200)).toMatch(/^\[<__main__.Square .*sides=4/u);
      const departure = await agent.detach();
      expect(departure).toMatchObject({ removed: [], kept: [], left: { threads: 0, sockets: 0, files: 0 } });
      expect(await scene.footprint()).toEqual(before);
      expect(departure.modulesAdded).toEqual(expect.arrayContaining(await scene.ask<string[]>('modules()')));
    });
  });
});

import { expect, test } from 'vitest';
import { AgentScene } from '../support/agent-scene.ts';
import { canImport, findInterpreters } from '../support/interpreters.ts';

const LIBRARIES = [
  ['gevent', 'from gevent import monkey; monkey.patch_all()'],
  ['eventlet', 'import eventlet; eventlet.monkey_patch(); eventlet.sleep(0)'],
] as const;

for (const [library, patch] of LIBRARIES) {
  const having = findInterpreters().filter(
    (interpreter) => interpreter.root === undefined && canImport(interpreter, library),
  );
  if (having.length === 0) test.skip(`an agent where ${library} is (it is nowhere here)`, () => undefined);
  for (const interpreter of having) {
    test(`an agent runs on a thread of its own where ${library} has patched CPython ${interpreter.name}`, async () => {
      await using scene = await AgentScene.open(interpreter, { flags: ['-W', 'ignore'] });
      scene.target.send(patch);
      await scene.ask('"patched"');
      const before = await scene.footprint();
      const agent = await scene.agent();
      // A greenlet on the main thread would not answer, as that waits in a call of C.
      expect(await agent.status()).toMatchObject({ pid: scene.pid });
      expect(await agent.evaluate({ module: '__main__', expression: 'len(shapes)' })).toMatchObject({
        value: { view: { kind: 'int', value: 2n } },
      });
      expect((await agent.detach()).left).toEqual({ threads: 0, sockets: 0, files: 0 });
      expect(await scene.footprint()).toEqual(before);
    });
  }
}

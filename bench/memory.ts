/**
 * Traces a million calls of coroutines, several of which are under way at a time, and prints the memory of the process as
 * they go by. One call in a thousand is told of. With `--objects` it times the counting of so many objects instead.
 *
 *     npm run bench:memory
 *     npm run bench:memory -- --calls 1000000 --versions 3.11,3.13
 *     npm run bench:memory -- --objects 5000000 --versions 3.11
 */
import { parseArgs } from 'node:util';
import { AgentScene } from '../test/support/agent-scene.ts';
import type { Interpreter } from '../test/support/interpreters.ts';
import { measureCounting } from './counting.ts';
import { forEachFamily, load } from './families.ts';
import { residentKiB } from './resident.ts';

const PARTS = 10;
const PROGRAM = `
import asyncio, threading
class Shop(object):
    def __init__(self):
        self.number = 0
    async def step(self, items):
        await asyncio.sleep(0)
        return sorted(items)
    async def handle(self, number):
        await self.step([number, 1])
        return {"number": number}
    async def worker(self, last):
        while self.number < last:
            self.number += 1
            await self.handle(self.number)
    async def several(self, last):
        await asyncio.gather(*[self.worker(last) for _ in range(8)])
    def run(self, last):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(self.several(last))
        loop.close()
shop = Shop()
`;

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    objects: { type: 'string' },
    versions: { type: 'string', default: '3.8,3.11,3.13' },
  },
});
const calls = Number(options.calls);
await forEachFamily(options.versions, (interpreter) =>
  options.objects === undefined
    ? measure(interpreter)
    : measureCounting(interpreter, Number(options.objects)),
);
process.exit(0);

async function measure(interpreter: Interpreter): Promise<void> {
  await using scene = await AgentScene.open(interpreter);
  for (const part of PROGRAM.split(/\n(?=\S)/u))
    await scene.tell(`exec(${JSON.stringify(part)}, globals()); say()`);
  using agent = await scene.agent();
  const stop = new AbortController();
  const began = performance.now();
  const resident: number[] = [];
  let shown = 0;
  const callOn = async (): Promise<void> => {
    for (let part = 1; part <= PARTS; part += 1) {
      await scene.ask(`shop.run(${Math.round((calls * part) / PARTS)})`);
      resident.push(residentKiB(scene.pid));
    }
    stop.abort();
  };
  let loading: Promise<void> | undefined;
  const account = await agent.trace(
    { words: ['__main__', 'Shop.handle'], filter: 'number % 1000 == 0', signal: stop.signal },
    {
      onOpened: () => {
        loading = callOn();
      },
      onCall: () => {
        shown += 1;
      },
    },
  );
  await loading;
  const { left } = await agent.detach();
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `CPython ${interpreter.version}: ${account.seen} calls traced, ${shown} told of, in ${seconds} s; RSS at each tenth ${resident.join(' ')} KiB; left ${JSON.stringify(left)}; load ${load()}`,
  );
}

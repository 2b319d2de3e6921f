/**
 * Times functions of a process with and without a trace on them: many tiny calls, calls of C functions, objects, functions
 * that call functions, JSON. The process measures itself, by the processor's time of its thread, so that a busy machine
 * changes less. The trace tells nothing: no call is as long as it wants.
 *
 *     npm run bench:trace -- --versions 3.11,3.13
 */
import { parseArgs } from 'node:util';
import type { AgentSession } from '../src/api/index.ts';
import { AgentScene } from '../test/support/agent-scene.ts';
import type { Interpreter } from '../test/support/interpreters.ts';
import { forEachFamily, load } from './families.ts';

const FAMILIES = '3.6,3.8,3.11,3.12,3.13,3.14,3.15';
const INTERVALS = [0.1, 0] as const;
const NEVER_MS = 1e6;

const PROGRAM = `
import json, time
cpu = getattr(time, "thread_time_ns", None) or (lambda: time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID) * 1e9)
def tiny(x):
    return x
def python_calls():
    for i in range(2000):
        tiny(i)
def c_calls():
    add = [].append
    for i in range(2000):
        add(i)
class Point(object):
    def __init__(self, x):
        self.x = x
    def get(self):
        return self.x
def objects():
    total = 0
    for i in range(500):
        total += Point(i).get() + len("abc") + max(i, 3)
def inner():
    for i in range(20):
        tiny(i)
def nested():
    for i in range(50):
        inner()
data = {"rows": [{"id": i, "name": "x" * 10, "price": i / 3.0} for i in range(100)]}
def as_json():
    json.loads(json.dumps(data))
def measure(function, calls=200):
    times = []
    for _ in range(calls):
        began = cpu()
        function()
        times.append(cpu() - began)
    times.sort()
    return times[len(times) // 2] / 1000
`;
const FUNCTIONS = ['python_calls', 'c_calls', 'objects', 'nested', 'as_json'] as const;

const { values: options } = parseArgs({
  options: { versions: { type: 'string', default: FAMILIES } },
});
console.log(`load ${load()}`);
await forEachFamily(options.versions, measureAll);
console.log(`\nload ${load()}`);

async function measureAll(interpreter: Interpreter): Promise<void> {
  await using scene = await AgentScene.open(interpreter);
  for (const part of PROGRAM.split(/\n(?=\S)/u))
    await scene.tell(`exec(${JSON.stringify(part)}, globals()); say()`);
  using agent = await scene.agent();
  console.log(`\nCPython ${interpreter.version}`);
  for (const name of FUNCTIONS) {
    const bare = await medianOf(scene, name);
    const cells = [`  ${name.padEnd(14)}${`${bare.toFixed(0)} µs`.padStart(9)}`];
    for (const interval of INTERVALS) {
      const traced = await medianWhileTraced(scene, agent, { name, interval });
      cells.push(`-i ${interval}: ${traced.toFixed(0).padStart(6)} µs (${(traced / bare).toFixed(2)}×)`);
    }
    console.log(cells.join('   '));
  }
}

async function medianOf(scene: AgentScene, name: string): Promise<number> {
  return await scene.ask<number>(`measure(${name})`);
}

async function medianWhileTraced(
  scene: AgentScene,
  agent: AgentSession,
  { name, interval }: { readonly name: string; readonly interval: number },
): Promise<number> {
  const stop = new AbortController();
  let measured: Promise<number> | undefined;
  await agent.trace(
    { words: ['__main__', name], interval, entranceTime: NEVER_MS, signal: stop.signal },
    {
      onCall: () => undefined,
      onOpened: () => {
        measured = medianOf(scene, name).finally(() => stop.abort());
      },
    },
  );
  if (measured === undefined) throw new RangeError(`${name} was not traced`);
  return await measured;
}

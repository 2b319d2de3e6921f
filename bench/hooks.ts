/**
 * Puts hooks of every command on functions of a busy process and takes them out again, round after round, on every
 * CPython that is found, and says what came of it: calls that went wrong, functions that are not as they were, memory.
 *
 *     npm run bench:hooks
 *     npm run bench:hooks -- --rounds 1000 --versions 3.8,3.13
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { AgentSession } from '../src/api/index.ts';
import { AgentScene } from '../test/support/agent-scene.ts';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { loadCalled } from '../test/support/watching.ts';

const LISTENER = { onCall: (): void => undefined };
const FUNCTIONS = [
  ['called', 'twice'],
  ['called', 'numbers'],
  ['called', 'fib'],
  ['called:Base.method'],
] as const;

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' }, versions: { type: 'string', default: '' } },
});
const rounds = Number(options.rounds);
const families = options.versions.split(',').filter(Boolean);
for (const interpreter of findInterpreters()) {
  if (interpreter.family === '2.7') continue;
  if (families.length > 0 && !families.includes(interpreter.family)) continue;
  await soak(interpreter);
}
process.exit(0);

function oneOf(agent: AgentSession, round: number): Promise<unknown> {
  const words = FUNCTIONS[round % FUNCTIONS.length] ?? FUNCTIONS[0];
  const wish = { words, limit: 1, seconds: 5 };
  switch (round % 5) {
    case 0:
      return agent.watch({ ...wish, yields: true, stack: true }, LISTENER);
    case 1:
      return agent.trace(wish, LISTENER);
    case 2:
      return agent.record(wish, LISTENER);
    case 3:
      return agent.monitor({ ...wish, everySeconds: 0.05 }, LISTENER);
    default:
      return agent.callers(wish);
  }
}

async function soak(interpreter: Interpreter): Promise<void> {
  await using scene = await AgentScene.open(interpreter);
  await loadCalled(scene);
  using agent = await scene.agent();
  await scene.tell('called.runs = True; called.wrong = []; called.done = 0; say()');
  await scene.tell(
    'exec("def busy():\\n  while called.runs:\\n    called.done += 1\\n    time.sleep(0.0005)\\n    if called.twice(2) != 4 or called.driven()[0] != 0 or called.fib(4) != 3 or called.base.method(1) != [\'base\', 1]: called.wrong.append(1)"); [beside(busy) for _ in range(3)]; say()',
  );
  const began = performance.now();
  let before = 0;
  for (let round = 0; round < rounds; round += 1) {
    await oneOf(agent, round);
    if (round === Math.min(100, rounds >> 1)) before = residentKiB(scene.pid);
  }
  const after = residentKiB(scene.pid);
  const status = await agent.status();
  await scene.tell('called.runs = False; say()');
  const [wrong, changed, done] = await scene.ask<[unknown[], string[], number]>(
    '[called.wrong, called.changed(), called.done]',
  );
  const { left } = await agent.detach();
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `CPython ${interpreter.name}: ${rounds} rounds in ${seconds} s, ${done} loops; wrong ${wrong.length}, changed ${changed.length}, hooks ${status.hooks.length}, left ${JSON.stringify(left)}, RSS ${before} to ${after} KiB`,
  );
}

function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

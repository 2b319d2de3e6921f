/**
 * Puts hooks of every command on functions of a busy process and takes them out again, so many times for each command,
 * and has a function reloaded and put back as often, on every CPython that is found. Says what came of it: calls that
 * went wrong, functions that are not as they were, memory.
 *
 *     npm run bench:hooks
 *     npm run bench:hooks -- --rounds 1000 --versions 3.8,3.13
 */
import { parseArgs } from 'node:util';
import type { AgentSession } from '../src/api/index.ts';
import { AgentScene } from '../test/support/agent-scene.ts';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { loadCalled } from '../test/support/watching.ts';
import { residentKiB } from './resident.ts';

const LISTENER = { onCall: (): void => undefined };
const FUNCTIONS = [
  ['called', 'twice'],
  ['called', 'numbers'],
  ['called', 'fib'],
  ['called:Base.method'],
] as const;

/** A module whose function is written anew, with another number. */
const RELOADED = `
import os, shutil, tempfile
where = tempfile.mkdtemp(prefix="pyflight-soak-")
sys.path.insert(0, where)
def write(number):
    with open(os.path.join(where, "reloaded.py"), "w") as file:
        file.write("def price(amount):\\n    return amount + %d\\n" % number)
write(1)
`;

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' }, versions: { type: 'string', default: '' } },
});

type Turn = (agent: AgentSession, words: readonly string[], scene: AgentScene) => Promise<unknown>;

const wishOf = (words: readonly string[]) => ({ words, limit: 1, seconds: 5 });
/** Each puts a hook in, and takes it out when it has told of one call. */
const TURNS: readonly Turn[] = [
  (agent, words) => agent.watch({ ...wishOf(words), yields: true, stack: true }, LISTENER),
  (agent, words) => agent.trace(wishOf(words), LISTENER),
  (agent, words) => agent.record(wishOf(words), LISTENER),
  (agent, words) => agent.monitor({ ...wishOf(words), everySeconds: 0.05 }, LISTENER),
  (agent, words) => agent.callers(wishOf(words)),
  reloadAndBack,
];

const rounds = Number(options.rounds);
const families = options.versions.split(',').filter(Boolean);
for (const interpreter of findInterpreters()) {
  if (interpreter.family === '2.7') continue;
  if (families.length > 0 && !families.includes(interpreter.family)) continue;
  await soak(interpreter);
}
process.exit(0);

async function reloadAndBack(agent: AgentSession, _: readonly string[], scene: AgentScene): Promise<void> {
  const words = ['reloaded', 'price'];
  await scene.tell('write(2); say()');
  await agent.reload({ words });
  await agent.reload({ words, undo: true });
  await scene.tell('write(1); say()');
}

async function soak(interpreter: Interpreter): Promise<void> {
  await using scene = await AgentScene.open(interpreter);
  await loadCalled(scene);
  await scene.tell(`exec(${JSON.stringify(RELOADED)}, globals()); import reloaded; say()`);
  using agent = await scene.agent();
  await scene.tell('called.runs = True; called.wrong = []; called.done = 0; say()');
  await scene.tell(
    'exec("def busy():\\n  while called.runs:\\n    called.done += 1\\n    time.sleep(0.0005)\\n    if called.twice(2) != 4 or called.driven()[0] != 0 or called.fib(4) != 3 or called.base.method(1) != [\'base\', 1] or reloaded.price(1) not in (2, 3): called.wrong.append(1)"); [beside(busy) for _ in range(3)]; say()',
  );
  const began = performance.now();
  let before = 0;
  for (let round = 0; round < rounds; round += 1) {
    const words = FUNCTIONS[round % FUNCTIONS.length] ?? FUNCTIONS[0];
    for (const turn of TURNS) await turn(agent, words, scene);
    if (round === Math.min(100, rounds >> 1)) before = residentKiB(scene.pid);
  }
  const after = residentKiB(scene.pid);
  const status = await agent.status();
  await scene.tell('called.runs = False; shutil.rmtree(where); say()');
  const [wrong, changed, done] = await scene.ask<[unknown[], string[], number]>(
    '[called.wrong, called.changed(), called.done]',
  );
  const { left } = await agent.detach();
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `CPython ${interpreter.name}: each of ${TURNS.length} commands ${rounds} times in ${seconds} s, ${done} loops; wrong ${wrong.length}, changed ${changed.length}, hooks ${status.hooks.length}, left ${JSON.stringify(left)}, RSS ${before} to ${after} KiB`,
  );
}

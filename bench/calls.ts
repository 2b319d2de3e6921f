/**
 * Times what a call of a hooked function takes longer, as the program itself sees it: watched, and left out by a
 * filter, beside PyFlightProfiler on the CPython that it is installed for. The program calls the function in bursts, with naps
 * between, and writes for each burst the time of a call, and the processor's time of the process with the nap, in which agents
 * work; medians of bursts are compared. A busy machine changes the second one less.
 *
 *     npm run bench:calls
 *     FLIGHT_PROFILER=/path/to/venv/bin/flight_profiler npm run bench:calls -- --bursts 60 --versions 3.11,3.13
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { findInterpreters } from '../test/support/interpreters.ts';
import { load } from './families.ts';

const FAMILIES = '3.6,3.8,3.11,3.12,3.13,3.14,3.15';
const PEER_FAMILY = '3.11';

/** Microseconds for each call of it. */
interface Burst {
  readonly wall: number;
  readonly cpu: number;
}

/** A method with a dict and a number, as a handler has them. */
const PROGRAM = `
import time
class Cart:
    def add(self, order, qty=1):
        return order
cart, order = Cart(), {"query": "hello", "n": 5}
print(0, flush=True)
while True:
    used, began = time.process_time(), time.perf_counter()
    for number in range(200):
        cart.add(order, number)
    took = time.perf_counter() - began
    time.sleep(0.02)
    print(took / 200 * 1e6, (time.process_time() - used) / 200 * 1e6, flush=True)
`;

const { values: options } = parseArgs({
  options: { bursts: { type: 'string', default: '40' }, versions: { type: 'string', default: FAMILIES } },
});
const bursts = Number(options.bursts);
const peer = findFlightProfiler();
console.log(`Node.js ${process.version}, medians of ${bursts} bursts of 200 calls, load ${load()}`);
if (peer === undefined)
  console.log('PyFlightProfiler left out: neither FLIGHT_PROFILER nor PATH leads to it');
for (const family of options.versions.split(',')) {
  const interpreter = findInterpreters().find(
    (each) => each.family === family && (each.kind === 'shared' || each.kind === 'other-root'),
  );
  if (interpreter === undefined) continue;
  console.log(`\nCPython ${interpreter.version}`);
  await compare('pyflight', interpreter.command, (pid, words) => [
    process.execPath,
    ...['bin/pyflight.cjs', 'watch', `${pid}`, ...words, '--max-overhead', 'none', '-n', '-1'],
  ]);
  if (peer !== undefined && family === PEER_FAMILY)
    await compare('PyFlightProfiler', [peer.python], (pid, words) => [
      ...[peer.program, `${pid}`, '--cmd', `watch ${words.join(' ')} -n 100000000`],
    ]);
}
console.log(`\nload ${load()}`);

async function compare(
  name: string,
  python: readonly string[],
  commandOf: (pid: number, words: readonly string[]) => readonly string[],
): Promise<void> {
  const [program = '', ...words] = [...python, '-c', PROGRAM];
  const target = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: target.stdout })[Symbol.asyncIterator]();
  const burst = async (): Promise<Burst> => {
    const [wall = Number.NaN, cpu = Number.NaN] = String((await lines.next()).value)
      .split(' ')
      .map(Number);
    return { wall, cpu };
  };
  const medians = async (): Promise<Burst> => {
    const taken: Burst[] = [];
    while (taken.length < bursts) taken.push(await burst());
    return { wall: median(taken.map(({ wall }) => wall)), cpu: median(taken.map(({ cpu }) => cpu)) };
  };
  try {
    await lines.next();
    const pid =
      Number(spawnSync('pgrep', ['-n', '-f', 'cart.add'], { encoding: 'utf8' }).stdout) || target.pid || 0;
    const alone = await medians();
    for (const [what, more] of [
      ['watched', []],
      ['left out by a filter', ['-f', 'args[1]==-1']],
    ] as const) {
      const [tool = '', ...toolWords] = commandOf(pid, ['__main__', 'Cart', 'add', ...more]);
      const client = spawn(tool, toolWords, { stdio: ['ignore', 'pipe', 'pipe'] });
      client.stdout.resume();
      client.stderr.resume();
      // Bursts take longer from the moment on at which the hook is there.
      let isOn = false;
      while (!isOn) isOn = (await burst()).wall > 5 * alone.wall;
      await medians();
      const hooked = await medians();
      client.kill('SIGINT');
      await once(client, 'exit');
      const [longer, used] = [hooked.wall - alone.wall, hooked.cpu - alone.cpu];
      console.log(
        `  ${name.padEnd(18)}${what.padEnd(22)}${longer.toFixed(2).padStart(8)} µs a call longer (${alone.wall.toFixed(2)} alone), ${used.toFixed(2)} µs of the processor's time`,
      );
    }
  } finally {
    target.kill('SIGKILL');
    await once(target, 'exit');
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function findFlightProfiler(): { readonly program: string; readonly python: string } | undefined {
  const { FLIGHT_PROFILER: given } = process.env;
  const program = given ?? spawnSync('which', ['flight_profiler'], { encoding: 'utf8' }).stdout.trim();
  const python = join(dirname(program), 'python');
  return program !== '' && existsSync(program) && existsSync(python) ? { program, python } : undefined;
}

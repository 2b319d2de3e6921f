/**
 * Times what a call of a hooked function takes longer, as the program itself sees it: watched, and left out by a
 * filter, beside PyFlightProfiler on the CPython that it is installed for. The program calls the function in bursts, with naps
 * between, and writes the time of a call in each burst; medians of bursts are compared.
 *
 *     npm run bench:calls
 *     FLIGHT_PROFILER=/path/to/venv/bin/flight_profiler npm run bench:calls -- --bursts 60 --versions 3.11,3.13
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { findInterpreters } from '../test/support/interpreters.ts';

const FAMILIES = '3.6,3.8,3.11,3.12,3.13,3.14,3.15';
const PEER_FAMILY = '3.11';

/** A method with a dict and a number, as a handler has them. */
const PROGRAM = `
import time
class Cart:
    def add(self, order, qty=1):
        return order
cart, order = Cart(), {"query": "hello", "n": 5}
print(0, flush=True)
while True:
    began = time.perf_counter()
    for number in range(200):
        cart.add(order, number)
    print((time.perf_counter() - began) / 200 * 1e6, flush=True)
    time.sleep(0.02)
`;

const { values: options } = parseArgs({
  options: { bursts: { type: 'string', default: '40' }, versions: { type: 'string', default: FAMILIES } },
});
const bursts = Number(options.bursts);
const peer = findFlightProfiler();
console.log(
  `Node.js ${process.version}, medians of ${bursts} bursts of 200 calls, load ${loadavg()[0]?.toFixed(1)}`,
);
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
console.log(`\nload ${loadavg()[0]?.toFixed(1)}`);

async function compare(
  name: string,
  python: readonly string[],
  commandOf: (pid: number, words: readonly string[]) => readonly string[],
): Promise<void> {
  const [program = '', ...words] = [...python, '-c', PROGRAM];
  const target = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: target.stdout })[Symbol.asyncIterator]();
  const median = async (): Promise<number> => {
    const taken: number[] = [];
    while (taken.length < bursts) taken.push(Number((await lines.next()).value));
    return taken.sort((a, b) => a - b)[bursts >> 1] ?? Number.NaN;
  };
  try {
    await lines.next();
    const pid =
      Number(spawnSync('pgrep', ['-n', '-f', 'cart.add'], { encoding: 'utf8' }).stdout) || target.pid || 0;
    const alone = await median();
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
      while (!isOn) isOn = Number((await lines.next()).value) > 5 * alone;
      await median();
      const hooked = await median();
      client.kill('SIGINT');
      await once(client, 'exit');
      console.log(
        `  ${name.padEnd(18)}${what.padEnd(22)}${(hooked - alone).toFixed(2).padStart(8)} µs a call longer (${alone.toFixed(2)} alone)`,
      );
    }
  } finally {
    target.kill('SIGKILL');
    await once(target, 'exit');
  }
}

function findFlightProfiler(): { readonly program: string; readonly python: string } | undefined {
  const { FLIGHT_PROFILER: given } = process.env;
  const program = given ?? spawnSync('which', ['flight_profiler'], { encoding: 'utf8' }).stdout.trim();
  const python = join(dirname(program), 'python');
  return program !== '' && existsSync(program) && existsSync(python) ? { program, python } : undefined;
}

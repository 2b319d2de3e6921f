/**
 * Times a whole `pyflight getglobal … -e` and `console --eval` with no agent inside and with one, the same through the library in a process
 * that runs already, and PyFlightProfiler's first and second command on the CPython that it is installed for. Each round has
 * a target of its own, since nobody is attached for the first time twice.
 *
 *     npm run bench:attach
 *     FLIGHT_PROFILER=/path/to/venv/bin/flight_profiler npm run bench:attach -- --runs 15 --versions 3.11
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { attach } from '../src/api/index.ts';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { startCommand } from '../test/support/target.ts';
import { measure, printComparison, type Run } from './comparison.ts';
import { load } from './families.ts';

const FAMILIES = '3.6,3.8,3.11,3.13,3.14';
const PEER_FAMILY = '3.11';

/** A service with little to do: its main thread takes short naps, or sleeps for long, and three others nap or wait. */
const PROGRAM = `
import threading, time
x = list(range(100))
def nap():
    while True:
        time.sleep(0.02)
for work in (nap, nap, threading.Event().wait):
    thread = threading.Thread(target=work)
    thread.daemon = True
    thread.start()
print("{}", flush=True)
`;
const MAIN_THREADS = [
  ['that naps', 'nap()'],
  ['in a long sleep', 'time.sleep(100000)'],
] as const;

const COMMANDS = [
  ['pyflight', 'getglobal', 'PID', '__main__', 'x', '-e', 'target'],
  ['pyflight console', 'console', 'PID', '--allow-write', '--eval', '1'],
] as const;

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '9' }, versions: { type: 'string', default: FAMILIES } },
});
const runs = Number(options.runs);
const peer = findFlightProfiler();
console.log(`Node.js ${process.version}, ${runs} runs each, load ${load()}`);
if (peer === undefined)
  console.log('PyFlightProfiler left out: neither FLIGHT_PROFILER nor PATH leads to it');
for (const interpreter of pickInterpreters()) {
  for (const [title, main] of MAIN_THREADS) {
    console.log(`\nCPython ${interpreter.version}, main thread ${title}`);
    await compare(interpreter, `${PROGRAM}${main}\n`);
  }
}
console.log(`\nload ${load()}`);

async function compare(interpreter: Interpreter, program: string): Promise<void> {
  const results = new Map<string, Run[]>();
  // The first round warms the file cache and counts for none.
  for (let round = 0; round <= runs; round += 1) {
    const taken: Taken = [
      ...(await ours(interpreter, program)),
      ...(await theirs(interpreter, program)),
      // What every command of Node.js pays for on this machine, at this hour.
      ['an empty Node.js program', measure([process.execPath, '-e', '0'])],
    ];
    for (const [name, run] of round === 0 ? [] : taken) {
      results.set(name, [...(results.get(name) ?? []), run]);
    }
  }
  printComparison(results);
}

type Taken = readonly (readonly [name: string, run: Run])[];

async function ours(interpreter: Interpreter, program: string): Promise<Taken> {
  const words = [...interpreter.command, '-S', '-c', program];
  const taken: (readonly [string, Run])[] = [];
  for (const [label, ...asked] of COMMANDS) {
    await using target = await startCommand(interpreter, words);
    const command = [
      process.execPath,
      'bin/pyflight.cjs',
      ...asked.map((word) => word.replace('PID', `${target.pid}`)),
    ];
    for (const name of ['first', 'second']) taken.push([`${label}, ${name}`, measure(command)]);
  }
  await using target = await startCommand(interpreter, words);
  for (const name of ['first', 'second'])
    taken.push([`our library, ${name}`, await measureLibrary(target.pid)]);
  return taken;
}

async function measureLibrary(pid: number): Promise<Run> {
  const began = performance.now();
  const before = process.cpuUsage();
  {
    using inspection = await attach(pid, { native: false });
    using agent = await inspection.agent();
    await agent.evaluate({ module: '__main__', path: 'x', expression: 'target' });
  }
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return { wallMs, cpuMs: (user + system) / 1000, peakMiB: process.memoryUsage.rss() / 2 ** 20 };
}

async function theirs(interpreter: Interpreter, program: string): Promise<Taken> {
  if (peer === undefined || interpreter.family !== PEER_FAMILY) return [];
  await using target = await startCommand(interpreter, [peer.python, '-c', program]);
  const command = [peer.program, `${target.pid}`, '--cmd', 'getglobal __main__ x'];
  return ['first', 'second'].map((name) => [`PyFlightProfiler, ${name}`, measure(command)] as const);
}

interface FlightProfiler {
  readonly program: string;
  /** Of the environment that it is installed in, which it wants its targets to run. */
  readonly python: string;
}

function findFlightProfiler(): FlightProfiler | undefined {
  const { FLIGHT_PROFILER: given } = process.env;
  const program = given ?? spawnSync('which', ['flight_profiler'], { encoding: 'utf8' }).stdout.trim();
  const python = join(dirname(program), 'python');
  return program !== '' && existsSync(program) && existsSync(python) ? { program, python } : undefined;
}

function pickInterpreters(): readonly Interpreter[] {
  const fits = ({ kind }: Interpreter) => kind === 'shared' || kind === 'other-root';
  return options.versions
    .split(',')
    .flatMap((family) => findInterpreters().find((each) => each.family === family && fits(each)) ?? []);
}

/**
 * What gilstat costs a program, and how true it is: a program whose threads count without end, and one that keeps the GIL in C for
 * 20 ms again and again and says when, looked at and left alone by turns. Work is told per second, and per second of CPU
 * time that the program had: that does not depend on who else wants a CPU. With `--apart` each has a CPU of its own. With
 * `--turns` only the cost is measured, apart, by many short turns in random order of nothing, gilstat, and a loop that does
 * nothing on the CPU of gilstat: what a machine does to a program changes more from second to second than gilstat does.
 *
 *     npm run bench:gilstat -- --versions 3.8,3.11,3.13 --seconds 2 --rounds 9
 *     npm run bench:gilstat -- --apart
 *     npm run bench:gilstat -- --turns 250
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Interpreter } from '../test/support/interpreters.ts';
import { forEachFamily, load } from './families.ts';

const PROGRAM = `
import ctypes, functools, json, operator, sys, threading, time
keep_gil = ctypes.PyDLL(None).usleep
kept, counts = [], [0, 0, 0, 0]
def keep_in_c():
    kept.append(tuple(map(operator.methodcaller("__call__"), (time.time, functools.partial(keep_gil, 20000), time.time)))[::2])
def holder():
    while True:
        keep_in_c()
        time.sleep(0.06)
def spin(at):
    while True: counts[at] += 1
def start(name, function, *args):
    thread = threading.Thread(name=name, target=function, args=args)
    thread.daemon = True
    thread.start()
start("holder", holder)
for at in range(4): start("spin-%d" % at, spin, at)
print("ready")
sys.stdout.flush()
for line in sys.stdin:
    print(json.dumps({"count": sum(counts), "wall": time.time(), "cpu": time.process_time(), "kept": kept[-100:]}))
    sys.stdout.flush()
`;

/** What the program says of itself, in seconds. */
interface Said {
  readonly count: number;
  readonly wall: number;
  readonly cpu: number;
  readonly kept: readonly (readonly [began: number, ended: number])[];
}

interface Work {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** What came out of one round, as ratios. */
interface Round {
  readonly work: Work;
  readonly held: number;
  readonly wanted: number;
  readonly looksPerSecond: number;
}

interface Report {
  readonly startedAt: string;
  readonly durationNs: number;
  readonly looks: number;
  readonly threads: readonly {
    readonly name: string | null;
    readonly held: { readonly ns: number };
    readonly waited: { readonly ns: number };
  }[];
}

/** How long a turn is, and how long what runs in it is given to come to itself. */
const TURN_MS = 200;
const SETTLE_MS = 20;

const { values: options } = parseArgs({
  options: {
    versions: { type: 'string', default: '3.8,3.11,3.13' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    cli: { type: 'string', default: 'bin/pyflight.cjs' },
    rates: { type: 'string', default: '10000' },
    apart: { type: 'boolean', default: false },
    turns: { type: 'string' },
  },
});
const areApart = options.apart || options.turns !== undefined;
const where = areApart ? 'program and gilstat on a CPU each' : 'both on all CPUs';
const { turns } = options;
const size =
  turns === undefined
    ? `${options.rounds} rounds of ${options.seconds} s`
    : `${turns} turns of ${TURN_MS} ms each`;
console.log(`Node.js ${process.version}, ${size}, ${where}, load ${load()}`);
await forEachFamily(options.versions, measure);
console.log(`\nload ${load()}`);

async function measure(interpreter: Interpreter): Promise<void> {
  console.log(`\nCPython ${interpreter.version}`);
  const { pid, ask, stop } = await startProgram(interpreter);
  if (turns === undefined) await measureRounds(pid, ask);
  else await measureTurns(pid, ask, Number(turns));
  stop();
}

type Ask = () => Promise<Said>;

async function startProgram(
  interpreter: Interpreter,
): Promise<{ readonly pid: number; readonly ask: Ask; readonly stop: () => void }> {
  const [program = '', ...words] = onCpu(0, [...interpreter.command, '-S', '-c', PROGRAM]);
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const ask = async (): Promise<Said> => {
    child.stdin.write('?\n');
    return JSON.parse((await lines.next()).value ?? '');
  };
  return { pid: child.pid ?? 0, ask, stop: () => child.kill('SIGKILL') };
}

async function measureRounds(pid: number, ask: Ask): Promise<void> {
  const rates = options.rates.split(',');
  const rounds = new Map<string, Round[]>(rates.map((rate) => [rate, []]));
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const rate of rates) rounds.get(rate)?.push(await runRound(pid, ask, rate));
  }
  for (const [rate, all] of rounds) print(rate, all);
}

async function runRound(pid: number, ask: Ask, rate: string): Promise<Round> {
  const before = await alone(ask);
  const looking = ['gilstat', `${pid}`, '--jsonl', '--interval', options.seconds, '-r', rate];
  const [node = '', ...words] = onCpu(1, [process.execPath, options.cli, ...looking]);
  const cli = spawn(node, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const reports = createInterface({ input: cli.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Report> => JSON.parse((await reports.next()).value ?? '');
  // The first one has the start of the command in it.
  await next();
  const began = await ask();
  const report = await next();
  const ended = await ask();
  cli.kill('SIGKILL');
  const after = await alone(ask);
  const work = workBetween(began, ended);
  return { ...compare(report, ended), work: ratio(work, mean(before, after)) };
}

async function measureTurns(pid: number, ask: Ask, count: number): Promise<void> {
  const [node = '', ...words] = onCpu(1, [
    process.execPath,
    options.cli,
    'gilstat',
    `${pid}`,
    '--interval',
    '1h',
  ]);
  const [looper = '', ...loop] = onCpu(1, [process.execPath, '--eval', 'for (;;);']);
  const others = [spawn(node, words, { stdio: 'ignore' }), spawn(looper, loop, { stdio: 'ignore' })];
  await wait(1000);
  for (const other of others) other.kill('SIGSTOP');
  const kinds = [undefined, ...others];
  const ratios = others.map((): number[] => []);
  for (let turn = 0; turn < count; turn += 1) {
    const speeds = new Map<ChildProcess | undefined, number>();
    for (const kind of kinds.toSorted(() => Math.random() - 0.5)) speeds.set(kind, await runTurn(ask, kind));
    for (const [at, other] of others.entries())
      ratios[at]?.push((speeds.get(other) ?? 0) / (speeds.get(undefined) ?? 0));
  }
  for (const other of others) other.kill('SIGKILL');
  console.log(
    `  work with gilstat ${centre(ratios[0] ?? [])} of that alone, with a loop ${centre(ratios[1] ?? [])}`,
  );
}

async function runTurn(ask: Ask, other: ChildProcess | undefined): Promise<number> {
  other?.kill('SIGCONT');
  await wait(SETTLE_MS);
  const began = await ask();
  await wait(TURN_MS);
  const { perSecond } = workBetween(began, await ask());
  other?.kill('SIGSTOP');
  return perSecond;
}

/** The median, and its standard error as the quartiles have it. */
function centre(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, median = 0, high = 0] = [0.25, 0.5, 0.75].map(
    (share) => sorted[Math.floor(share * sorted.length)],
  );
  // Of a normal distribution the quartiles are 1.349 deviations apart, and a median is 1.253 times as uncertain as a mean.
  const error = ((high - low) / 1.349 / Math.sqrt(values.length)) * 1.253;
  return `${percent(median)} ± ${percent(error)}`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A command as it is, or held to one CPU. */
function onCpu(cpu: number, command: readonly string[]): readonly string[] {
  return areApart ? ['taskset', '--cpu-list', `${cpu}`, ...command] : command;
}

async function alone(ask: Ask): Promise<Work> {
  const began = await ask();
  await wait(Number(options.seconds) * 1000);
  return workBetween(began, await ask());
}

function workBetween(began: Said, ended: Said): Work {
  const count = ended.count - began.count;
  return { perSecond: count / (ended.wall - began.wall), perCpuSecond: count / (ended.cpu - began.cpu) };
}

function mean(a: Work, b: Work): Work {
  return {
    perSecond: (a.perSecond + b.perSecond) / 2,
    perCpuSecond: (a.perCpuSecond + b.perCpuSecond) / 2,
  };
}

function ratio(a: Work, b: Work): Work {
  return { perSecond: a.perSecond / b.perSecond, perCpuSecond: a.perCpuSecond / b.perCpuSecond };
}

/** Compares what was told with what the program knows. */
function compare({ startedAt, durationNs, looks, threads }: Report, { kept }: Said): Omit<Round, 'work'> {
  const [from, to] = [Date.parse(startedAt) / 1e3, Date.parse(startedAt) / 1e3 + durationNs / 1e9];
  const truth = kept.reduce((sum, [b, e]) => sum + Math.max(0, Math.min(e, to) - Math.max(b, from)), 0);
  const held = threads.find(({ name }) => name === 'holder')?.held.ns ?? Number.NaN;
  const spinners = threads.filter(({ name }) => name?.startsWith('spin'));
  const wanted = spinners.reduce((sum, each) => sum + each.held.ns + each.waited.ns, 0) / spinners.length;
  return {
    held: held / 1e9 / truth,
    wanted: wanted / durationNs,
    looksPerSecond: looks / (durationNs / 1e9),
  };
}

function print(rate: string, rounds: readonly Round[]): void {
  const spread = (of: (round: Round) => number): string => {
    const sorted = rounds.map(of).toSorted((a, b) => a - b);
    const [least, median, most] = [0, sorted.length >> 1, sorted.length - 1].map(
      (at) => sorted[at] ?? Number.NaN,
    );
    return `${percent(median)} (${percent(least)} to ${percent(most)})`;
  };
  const looks = rounds.map(({ looksPerSecond }) => Math.round(looksPerSecond)).toSorted((a, b) => a - b);
  console.log(`  ${rate} asked: ${looks[looks.length >> 1]} looks a second (${looks[0]} to ${looks.at(-1)})`);
  console.log(
    `    work per second ${spread(({ work }) => work.perSecond)}, per second of CPU ${spread(({ work }) => work.perCpuSecond)}`,
  );
  console.log(`    held by the thread in C ${spread(({ held }) => held)} of what it says`);
  console.log(
    `    held and waited of those that always want it ${spread(({ wanted }) => wanted)} of the time`,
  );
}

function percent(share: number | undefined): string {
  return `${(100 * (share ?? Number.NaN)).toFixed(1)} %`;
}

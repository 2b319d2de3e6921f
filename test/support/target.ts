import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, type Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { GroundTruth } from './ground-truth.ts';
import type { Interpreter } from './interpreters.ts';

/**
 * What a target is started with beside its program. PYFLIGHT_SCRATCH in its environment names an empty directory
 * that it may fill and that goes when it ends.
 */
export interface TargetOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));

/**
 * Runs "$@" as a child of its own and says the pid on descriptor 3. The target is no child of the test
 * process, whose libuv would take its ptrace-stops. Descriptor 5 is the lifeline: when its other end closes,
 * on stop() or because the test process died, the target is killed, even a stopped one, and its files go.
 */
const KEEPER = `
exec 6<&0
"$@" <&6 3>&- 5<&- 6<&- &
target=$!
{ read -r end; kill -KILL $target; } <&5 >/dev/null 2>&1 3>&- 6<&- &
watcher=$!
echo $target >&3
exec 3>&- 5<&- 6<&- </dev/null >/dev/null 2>&1
wait $target
status=$?
kill -KILL $watcher
rm -rf -- "$KEEPER_SCRATCH"
exit $status`;

/** A target program that runs and has announced itself. */
export class Target {
  readonly interpreter: Interpreter;
  /** Of the Python process itself, in our pid namespace. */
  readonly pid: number;
  readonly #keeper: ChildProcess;
  readonly #stdin: Writable;
  readonly #lines: AsyncIterator<string>;
  readonly #exited: Promise<unknown>;
  readonly #errors: () => string;
  #truth: GroundTruth | undefined;

  constructor(interpreter: Interpreter, pid: number, streams: TargetStreams) {
    this.interpreter = interpreter;
    this.pid = pid;
    this.#keeper = streams.keeper;
    this.#stdin = streams.stdin;
    this.#lines = streams.lines;
    this.#exited = streams.exited;
    this.#errors = streams.errors;
  }

  /** What the target said last. */
  get groundTruth(): GroundTruth {
    if (this.#truth === undefined) throw new RangeError(`target ${this.pid} has not announced itself`);
    return this.#truth;
  }

  /** Tells the target to go on; `next()` then waits for what it says. */
  say(line: string): void {
    this.#stdin.write(`${line}\n`);
  }

  /** Waits until the target announces itself again. */
  async next(): Promise<GroundTruth> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`target ${this.pid} ended without a word:\n${this.#errors()}`);
    const truth: GroundTruth = JSON.parse(value);
    this.#truth = truth;
    return truth;
  }

  /** Waits until the target has ended by itself, which it does at the end of its program. */
  async ended(): Promise<void> {
    await this.#exited;
  }

  /** Kills the target and waits until it is gone. */
  async stop(): Promise<void> {
    for (const stream of this.#keeper.stdio) stream?.destroy();
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

interface TargetStreams {
  readonly keeper: ChildProcess;
  readonly stdin: Writable;
  readonly lines: AsyncIterator<string>;
  readonly exited: Promise<unknown>;
  readonly errors: () => string;
}

/** Starts a program of `test/programs` and waits until it has announced itself. */
export async function startTarget(
  interpreter: Interpreter,
  program: string,
  options: TargetOptions = {},
): Promise<Target> {
  const path = join(programsSeenBy(interpreter), program);
  return startCommand(interpreter, [...interpreter.command, '-S', '-B', path], options);
}

/** Starts any command that speaks as the programs do; `interpreter` is what it runs. */
export async function startCommand(
  interpreter: Interpreter,
  command: readonly string[],
  { args = [], env = {} }: TargetOptions = {},
): Promise<Target> {
  const root = interpreter.root ?? '/';
  const scratch = mkdtempSync(join(root, root === '/' ? tmpdir() : 'tmp', 'pyflight-target-'));
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', ...command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'ignore', 'pipe'],
    env: {
      ...process.env,
      KEEPER_SCRATCH: scratch,
      PYFLIGHT_SCRATCH: join('/', relative(root, scratch)),
      PYTHONDONTWRITEBYTECODE: '1',
      ...env,
    },
  });
  const { stdin, stdout, stderr, pidPipe } = pipesOf(keeper);
  const exited = new Promise((resolve) => keeper.once('exit', resolve));
  const errors = collect(stderr);
  stdin.on('error', () => undefined);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const pid = Number(await textOf(pidPipe));
  const target = new Target(interpreter, pid, { keeper, stdin, lines, exited, errors });
  try {
    await target.next();
    return target;
  } catch (error) {
    await target.stop();
    throw error;
  }
}

/**
 * The directory of the programs as the interpreter sees it. Another root gets a copy of its own, named after
 * the contents, so that test processes that run at once share one and never see half of one.
 */
export function programsSeenBy({ root }: Interpreter): string {
  if (root === undefined) return PROGRAMS;
  const inside = `/opt/pyflight-programs/${programsDigest()}`;
  const outside = join(root, inside);
  if (existsSync(outside)) return inside;
  // Beside it, as it could not be moved there from another file system.
  mkdirSync(dirname(outside), { recursive: true });
  const fresh = mkdtempSync(`${outside}-`);
  cpSync(PROGRAMS, fresh, { recursive: true });
  chmodSync(fresh, 0o755);
  try {
    renameSync(fresh, outside);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    if (!existsSync(outside)) throw error;
  }
  return inside;
}

function programsDigest(): string {
  const digest = createHash('sha256');
  for (const name of readdirSync(PROGRAMS, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    digest.update(`${name.name}\0`).update(readFileSync(join(PROGRAMS, name.name)));
  }
  return digest.digest('hex').slice(0, 16);
}

function pipesOf({ stdin, stdout, stderr, stdio }: ChildProcess) {
  const pidPipe = stdio[3];
  if (stdin === null || stdout === null || stderr === null || !(pidPipe instanceof Readable)) {
    throw new RangeError('the keeper has not its pipes');
  }
  return { stdin, stdout, stderr, pidPipe };
}

async function textOf(stream: Readable): Promise<string> {
  const text = collect(stream);
  await new Promise((resolve) => stream.once('end', resolve));
  return text().trim();
}

function collect(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

import { basename } from 'node:path';
import { ANSI, PLAIN } from '../report/style.ts';
import { isSet, wantsColor } from './color-choice.ts';
import type { Api, Context, StandardInput } from './context.ts';
import { dispatch } from './dispatch.ts';
import { Interruption } from './interruption.ts';

/** What each signal makes the program exit with: 128 and its number, as shells have it. */
const SIGNAL_STATUSES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** How long a command may take to come to its end after a signal. */
const GRACE_MS = 2000;

/** The library, loaded at the first call: help and mistakes need none of it. Whoever samples does the same for minutes. */
const lazyApi = (compileSoon: () => void): Api => ({
  attach: async (pid, options) => (await import('../api/attach.ts')).attach(pid, options),
  openAgent: async (pid, options) => (await import('../api/agent.ts')).openAgent(pid, options),
  findAgent: async (pid, options) => (await import('../api/agent.ts')).findAgent(pid, options),
  openCore: async (path, options) => (await import('../api/core.ts')).openCore(path, options),
  listPythonProcesses: async () => (await import('../api/processes.ts')).listPythonProcesses(),
  listStoredCores: async () => (await import('../api/stored-cores.ts')).listStoredCores(),
  writeTextFile: async (path, text) => (await import('../api/host.ts')).writeTextFile(path, text),
  findProgram: async (name) => (await import('../api/host.ts')).findProgram(name),
  launch: async (command, args) => (await import('../api/host.ts')).launch(command, args),
  openOutputFile: async (path) => (await import('../api/host.ts')).openOutputFile(path),
  startProgram: async (...started) => (await import('../api/host.ts')).startProgram(...started),
  startSampling: async (pid, options) => {
    const { startSampling } = await import('../api/sampling.ts');
    compileSoon();
    return startSampling(pid, options);
  },
  openPush: async (options) => (await import('../api/push.ts')).openPush(options),
  servePage: async (options) => (await import('../api/live-page.ts')).servePage(options),
  readHeapFigures: async (path) => (await import('../api/heap-files.ts')).readHeapFigures(path),
  startGilSampling: async (pid, options, onReport) => {
    const { startGilSampling } = await import('../api/gil-sampling.ts');
    compileSoon();
    return startGilSampling(pid, options, onReport);
  },
  profiles: async () => await import('../api/profiles.ts'),
  findPythonProcess: async (pid) => (await import('../api/processes.ts')).findPythonProcess(pid),
  canPause: async () => (await import('../api/prompt-host.ts')).canPause(),
  startShell: async (script, onClosed) =>
    (await import('../api/prompt-host.ts')).startShell(script, onClosed),
  openHistory: async () => (await import('../api/prompt-host.ts')).openHistory(),
  listEntries: async (directory, beginning) =>
    (await import('../api/prompt-host.ts')).listEntries(directory, beginning),
});

/**
 * Runs the command line of this process and leaves its exit status in `process.exitCode`.
 * @param compileSoon has V8 compile for speed what runs often, sooner than is good for what is over in a moment
 */
export async function main(compileSoon: () => void): Promise<void> {
  const interruption = new Interruption();
  const signals = new SignalEnds(interruption);
  endAtClosedOutput(interruption);
  stopBetweenLooks();
  const status = await dispatch(contextOf({ interruption, signals }, lazyApi(compileSoon)));
  if (interruption.status === SIGNAL_STATUSES.SIGHUP) leaveLostTerminal();
  process.exitCode = interruption.status ?? status;
}

/** Node.js aborts at its end when it cannot set back the mode of a terminal that is gone: the signal ends us before. */
function leaveLostTerminal(): void {
  const { stdin, stdout, stderr } = process;
  if (!(stdin.isTTY || stdout.isTTY || stderr.isTTY)) return;
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

function contextOf({ interruption, signals }: Ends, api: Api): Context {
  const { argv, env, stdout, stderr } = process;
  const [, program = '', ...words] = argv;
  const onInterrupt = (listener: () => void): (() => void) => interruption.onInterrupt(listener);
  return {
    programName: basename(program, '.cjs') === 'flight_profiler' ? 'flight_profiler' : 'pyflight',
    argv: words,
    api,
    out: (content) => stdout.write(content),
    note: (line) => stderr.write(`${line}\n`),
    status: stderr.isTTY ? { columns: stderr.columns || 80, show: showStatus } : undefined,
    style: wantsColor(env, stdout.isTTY) ? ANSI : PLAIN,
    hasEmoji: !isSet(env['NO_COLOR']),
    columns: widthOf(stdout),
    ask: stdout.isTTY && process.stdin.isTTY ? (prompt) => askLine(prompt, onInterrupt) : undefined,
    input: standardInput(),
    session: undefined,
    now: () => new Date(),
    verbosity: 0,
    onInterrupt,
    takeInterrupts: (taker) => interruption.take(taker),
    wait: (milliseconds) => interruption.wait(milliseconds),
    atOneGo: (work) => signals.atOneGo(work),
  };
}

/** A terminal that does not know its width says 0. */
function widthOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY && columns > 0 ? columns : undefined;
}

/** What was on the line is gone: ECMA-48 EL, from the start of the line. */
function showStatus(line: string): void {
  process.stderr.write(`\r${line}\u001b[K`);
}

/** What ends the program before its command has come to an end by itself. */
interface Ends {
  readonly interruption: Interruption;
  readonly signals: SignalEnds;
}

/** The first signal lets the command come to its end; a second one, or the end of its grace, does not wait for it. */
class SignalEnds {
  readonly #interruption: Interruption;
  readonly #heard = new Map(
    Object.entries(SIGNAL_STATUSES).map(([signal, status]) => [signal, () => this.#end(signal, status)]),
  );

  constructor(interruption: Interruption) {
    this.#interruption = interruption;
    this.#listen();
  }

  /** A signal that comes during the work ends the program as the kernel does by itself, since nothing here would hear of it. */
  async atOneGo<Answer>(work: () => Answer): Promise<Answer> {
    await hearSignals();
    if (this.#interruption.status !== undefined) process.exit(this.#interruption.status);
    for (const [signal, end] of this.#heard) process.removeListener(signal, end);
    try {
      return work();
    } finally {
      this.#listen();
    }
  }

  #listen(): void {
    for (const [signal, end] of this.#heard) process.on(signal, end);
  }

  #end(signal: string, status: number): void {
    const interruption = this.#interruption;
    if (interruption.status !== undefined) process.exit(status);
    if (signal === 'SIGINT' && !interruption.interruptByKey(status)) return;
    interruption.interrupt(status);
    setTimeout(() => {
      if (signal === 'SIGHUP') leaveLostTerminal();
      process.exit(status);
    }, GRACE_MS).unref();
  }
}

/** Lets those be heard that have come: the turn of the loop that goes on may be beyond that. */
async function hearSignals(): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * A stop by Ctrl-Z waits until nothing else happens here: in the middle of a pause it would leave the target stopped for
 * as long as we are. The kernel then does what it does by itself.
 */
function stopBetweenLooks(): void {
  const stop = (): void => {
    process.removeListener('SIGTSTP', stop);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', stop);
  };
  process.on('SIGTSTP', stop);
}

/** Whoever read the output has read enough, as `head` does: end, and call it a success. A full disk is a failure. */
function endAtClosedOutput(interruption: Interruption): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const isLostTerminal = error.code === 'EIO' && process.stdout.isTTY;
    const status = isLostTerminal ? SIGNAL_STATUSES.SIGHUP : error.code === 'EPIPE' ? 0 : 1;
    if (status === 1) process.stderr.write(`error: Cannot write the output: ${error.message}\n`);
    interruption.interrupt(status);
    // The command may have ended already.
    process.exitCode = status;
    setTimeout(() => process.exit(status), GRACE_MS).unref();
  });
}

/** Node.js loads what reads standard input when it is asked for it, 3 ms that few commands need to spend. */
function standardInput(): StandardInput {
  return {
    get isTerminal() {
      return process.stdin.isTTY;
    },
    get openTerminal() {
      return canEditLines() ? async () => (await import('../api/prompt-host.ts')).openTerminal() : undefined;
    },
    get stream() {
      return process.stdin;
    },
    columns: () => widthOf(process.stdout),
    show: (text) => process.stderr.write(text),
  };
}

function canEditLines(): boolean {
  const { stdin, stdout, env } = process;
  const hasCodes = env['TERM'] !== undefined && env['TERM'] !== 'dumb';
  return stdin.isTTY && stdout.isTTY && hasCodes;
}

/** Reads one line from the terminal, which stays in its own mode, so that Ctrl-C and Ctrl-D work as always. */
async function askLine(
  prompt: string,
  onInterrupt: (listener: () => void) => () => void,
): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  process.stderr.write(prompt);
  const lines = createInterface({ input: process.stdin, terminal: false });
  const answer = new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
  const forget = onInterrupt(() => lines.close());
  try {
    return await answer;
  } finally {
    forget();
    lines.close();
  }
}

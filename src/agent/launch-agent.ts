import { AgentSilentError, EvaluationCancelledError, type InspectorError } from '../base/errors.ts';
import { monotonicMs } from '../platform/monotonic-clock.ts';
import { hasEnded } from '../platform/process-end.ts';
import type { TargetDirectory } from '../platform/target-directory.ts';
import { prepareConnections } from '../platform/unix-connection.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Tasks } from '../target/tasks.ts';
import { keepYoung, type MadeDirectory, makeAgentDirectory, removeAgentDirectory } from './agent-place.ts';
import type { AgentSession } from './agent-session.ts';
import { AGENT_FILES, bootstrapText } from './bootstrap.ts';
import { type AgentOptions, beginSession, connectTo, findAgent, timeoutOf } from './find-agent.ts';
import { type InjectedProgram, inject as injectForReal } from './injection/inject.ts';
import { pauseFor } from './pause-for.ts';
import { payloadText } from './payload.ts';
import { sweepLater } from './sweep.ts';
import { VERSION } from './version.ts';

const DEFAULT_LEASE_SECONDS = 15;
const LOOK_EVERY_MS = 1;

/**
 * Brings the agent into a target, which has none.
 * @throws {InspectorError} with a code that says what is in the way
 */
export async function launchAgent(target: LiveTarget, options: AgentOptions): Promise<AgentSession> {
  using program = new AgentProgram(target, options);
  try {
    const sweep = sweepLater(target);
    // In the time in which the target compiles the agent.
    await Promise.all([bringIn(target, program, options), prepareToTalk(sweep)]);
    return await awaitAgent(target.tasks, program.directory, options);
  } catch (error) {
    await program.giveUp();
    throw error;
  }
}

/** What brings the agent in, and the directory that it has before it runs. */
class AgentProgram implements InjectedProgram, Disposable {
  readonly #target: LiveTarget;
  readonly #options: AgentOptions;
  #made: (MadeDirectory & { readonly youth: Disposable }) | undefined;
  #isAwaited = false;

  constructor(target: LiveTarget, options: AgentOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Made when it is first asked for, right before the target hears of it. */
  get directory(): TargetDirectory {
    this.#made ??= this.#make();
    return this.#made.directory;
  }

  get text(): string {
    return this.#textFor(this.directory.path);
  }

  get path(): string {
    return `${this.directory.path}/${AGENT_FILES.bootstrap}`;
  }

  /** The agent takes its files away first of all. */
  hasRun(): boolean {
    const directory = this.#made?.directory;
    return (
      directory !== undefined && (!directory.has(AGENT_FILES.program) || directory.has(AGENT_FILES.failure))
    );
  }

  onAwaited(isAwaited: boolean): void {
    this.#isAwaited = isAwaited;
    this.#made?.will?.outlives(isAwaited);
  }

  /** Takes the directory away. Asked to run a file that has gone, a process would complain on its standard error (PEP 768). */
  async giveUp(): Promise<void> {
    const directory = this.#made?.directory;
    if (directory === undefined) return;
    if (this.#isAwaited && !(await hasEnded(this.#target.pid, 0)))
      this.#options.onStep?.(`${directory.path} stays, as it is asked for yet`);
    else removeAgentDirectory(directory);
    directory[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#made?.youth[Symbol.dispose]();
    this.#made?.will?.[Symbol.dispose]();
  }

  #make(): MadeDirectory & { readonly youth: Disposable } {
    const { leaseSeconds = DEFAULT_LEASE_SECONDS, onStep } = this.#options;
    const made = makeAgentDirectory(this.#target.tasks, (path) => ({
      [AGENT_FILES.program]: payloadText({ directory: path, version: VERSION, lease: leaseSeconds }),
      [AGENT_FILES.bootstrap]: this.#textFor(path),
    }));
    onStep?.(`the agent's files lie in ${made.directory.path}`);
    return { ...made, youth: keepYoung(made.directory) };
  }

  /** By the id that the target knows itself by. */
  #textFor(directoryPath: string): string {
    const { pid, tasks } = this.#target;
    return bootstrapText(directoryPath, tasks.innerPid ?? pid);
  }
}

async function bringIn(target: LiveTarget, program: AgentProgram, options: AgentOptions): Promise<void> {
  const { how, onStep, signal, inject = injectForReal } = options;
  await inject(target, program, {
    how,
    timeoutMs: timeoutOf(options),
    ...(signal === undefined ? {} : { signal }),
    ...(onStep === undefined ? {} : { onStep }),
  });
}

async function prepareToTalk(sweep: () => void): Promise<void> {
  await prepareConnections();
  sweep();
}

/** Waits for the agent whose bootstrap has run, or for the one that it has found inside. */
async function awaitAgent(
  tasks: Tasks,
  directory: TargetDirectory,
  options: AgentOptions,
): Promise<AgentSession> {
  const timeoutMs = timeoutOf(options);
  const deadline = monotonicMs() + timeoutMs;
  while (monotonicMs() < deadline) {
    if (options.signal?.aborted === true) throw new EvaluationCancelledError('attaching was called off');
    const connection = await connectTo(tasks, directory);
    if (connection !== undefined) {
      options.onStep?.('the agent answers');
      const session = await beginSession(tasks, { connection, directory, wasInside: false }, options);
      if (session !== undefined) return session;
    }
    const failure = directory.read(AGENT_FILES.failure);
    if (failure !== undefined) throw couldNotStart(tasks.pid, failure);
    const other = directory.isThere ? undefined : await findAgent(tasks, options);
    if (other !== undefined) {
      directory[Symbol.dispose]();
      return other;
    }
    await pauseFor(LOOK_EVERY_MS);
  }
  throw new AgentSilentError(tasks.pid, `it did not come up within ${timeoutMs / 1000} s`);
}

function couldNotStart(pid: number, failure: string): InspectorError {
  return new AgentSilentError(pid, `it could not start there: ${failure}`);
}

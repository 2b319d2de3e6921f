import type { CancelSignal } from '../base/cancellation.ts';
import {
  AgentSilentError,
  AlreadyTracedError,
  EvaluationCancelledError,
  type InspectorError,
} from '../base/errors.ts';
import { readOwnUser } from '../platform/audit-file.ts';
import { monotonicMs } from '../platform/monotonic-clock.ts';
import { hasEnded } from '../platform/process-end.ts';
import { readStatus } from '../platform/process-files.ts';
import type { TargetDirectory } from '../platform/target-directory.ts';
import { prepareConnections } from '../platform/unix-connection.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { failureOf, type Greeting, isOtherProtocol, parseGreeting } from '../wire/answers.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { AgentConnection } from './agent-connection.ts';
import {
  findAgentDirectories,
  keepYoung,
  makeAgentDirectory,
  removeAgentDirectory,
  sweepAgentDirectories,
} from './agent-place.ts';
import { AgentSession } from './agent-session.ts';
import { AGENT_FILES, bootstrapText } from './bootstrap.ts';
import type { InjectionMethod, inject as injectForReal } from './injection/inject.ts';
import { pauseFor } from './pause-for.ts';
import { payloadText } from './payload.ts';
import { VERSION } from './version.ts';

/** How the agent is found or brought in. */
export interface AgentOptions {
  /** Forces a way to bring it in. */
  readonly how?: InjectionMethod | undefined;
  /** How long bringing it in may take, and each answer that needs no code of the program. */
  readonly timeoutMs?: number;
  /** Hears of each step. */
  readonly onStep?: (step: string) => void;
  readonly signal?: CancelSignal;
  /** The agent leaves when it has heard of nobody for so long; only who brings it in can say. */
  readonly leaseSeconds?: number;
  /** Has the target run a program; the real one unless told. */
  readonly inject?: typeof injectForReal;
}

const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_LEASE_SECONDS = 15;
const LOOK_EVERY_MS = 1;
/** Another pyflight that comes at the same moment holds the target for milliseconds; a debugger stays. */
const MOST_TRACED_MS = 500;
const TRACED_PAUSE_MS = 10;

/**
 * Talks to the agent in a target, which is brought in when there is none.
 * @throws {InspectorError} with a code that says what is in the way
 */
export async function openAgent(target: LiveTarget, options: AgentOptions = {}): Promise<AgentSession> {
  const deadline = monotonicMs() + MOST_TRACED_MS;
  for (;;) {
    try {
      return (await findAgent(target, options)) ?? (await launchAgent(target, options));
    } catch (error) {
      if (!(error instanceof AlreadyTracedError) || monotonicMs() >= deadline) throw error;
    }
    await pauseFor(TRACED_PAUSE_MS);
  }
}

/** Talks to the agent in a target; `undefined` when there is none that we understand. Nothing is brought in. */
export async function findAgent(
  target: LiveTarget,
  options: AgentOptions = {},
): Promise<AgentSession | undefined> {
  sweepAgentDirectories(target);
  let found: AgentSession | undefined;
  for (const directory of findAgentDirectories(target)) {
    found ??= await tryAgent(target, directory, options);
    if (found === undefined || !found.usesDirectory(directory)) directory[Symbol.dispose]();
  }
  return found;
}

async function tryAgent(
  target: LiveTarget,
  directory: TargetDirectory,
  options: AgentOptions,
): Promise<AgentSession | undefined> {
  const connection = await connectTo(target, directory);
  if (connection === undefined) return undefined;
  options.onStep?.(`an agent answers in ${directory.path}`);
  try {
    const greeting = await greet(connection, options);
    return sessionOf(target, { connection, directory, greeting }, { ...options, wasInside: true });
  } catch (error) {
    connection[Symbol.dispose]();
    if (!(error instanceof OtherProtocol)) throw error;
    options.onStep?.('it speaks another protocol, and is asked to leave');
    await askToLeave(target, directory, options);
    return undefined;
  }
}

/** Connects when the peer is the target itself, as the kernel says; anything else may have been planted. */
async function connectTo(
  { pid }: LiveTarget,
  directory: TargetDirectory,
): Promise<AgentConnection | undefined> {
  const channel = await directory.connect(AGENT_FILES.socket);
  if (channel === undefined) return undefined;
  if (channel.peer.pid === pid && channel.peer.uid === readStatus(pid).effectiveUid) {
    return new AgentConnection(pid, channel);
  }
  channel[Symbol.dispose]();
  return undefined;
}

/** Inside this file only: the other side is an agent of another pyflight. */
class OtherProtocol {
  readonly isOtherProtocol = true;
}

async function greet(connection: AgentConnection, options: AgentOptions): Promise<Greeting> {
  const { uid, name = `uid ${uid}`, sudoUser } = readOwnUser();
  const person = sudoUser === undefined ? name : `${name} (${sudoUser})`;
  const answer = await connection.request(
    { op: 'hello', protocol: PROTOCOL, name: `${person}, pyflight ${VERSION}` },
    {
      timeoutMs: timeoutOf(options),
      failure: (failure) => (isOtherProtocol(failure) ? new OtherProtocol() : failureOf(failure)),
    },
  );
  return parseGreeting(answer);
}

async function askToLeave(
  target: LiveTarget,
  directory: TargetDirectory,
  options: AgentOptions,
): Promise<void> {
  const connection = await connectTo(target, directory);
  if (connection === undefined) return;
  try {
    await connection.request({ op: 'leave' }, { timeoutMs: timeoutOf(options) });
    await connection.ended;
  } finally {
    connection[Symbol.dispose]();
  }
}

async function launchAgent(target: LiveTarget, options: AgentOptions): Promise<AgentSession> {
  const { leaseSeconds = DEFAULT_LEASE_SECONDS, onStep } = options;
  const directory = makeAgentDirectory(target, (path) => ({
    [AGENT_FILES.program]: payloadText({ directory: path, version: VERSION, lease: leaseSeconds }),
    [AGENT_FILES.bootstrap]: bootstrapFor(target, path),
  }));
  onStep?.(`the agent's files lie in ${directory.path}`);
  using _ = keepYoung(directory);
  let isAwaited = false;
  try {
    await runBootstrap(target, directory, options, (now) => {
      isAwaited = now;
    });
    return await awaitAgent(target, directory, options);
  } catch (error) {
    // Asked to run a file that has gone, a process would complain on its standard error (PEP 768).
    if (isAwaited && !(await hasEnded(target.pid, 0)))
      onStep?.(`${directory.path} stays, as it is asked for yet`);
    else removeAgentDirectory(directory);
    directory[Symbol.dispose]();
    throw error;
  }
}

/** By the id that the target knows itself by. */
function bootstrapFor({ pid, facts }: LiveTarget, path: string): string {
  return bootstrapText(path, facts.innerPid ?? pid);
}

async function runBootstrap(
  target: LiveTarget,
  directory: TargetDirectory,
  options: AgentOptions,
  onAwaited: (isAwaited: boolean) => void,
): Promise<void> {
  const { how, onStep, signal } = options;
  const program = {
    text: bootstrapFor(target, directory.path),
    path: `${directory.path}/${AGENT_FILES.bootstrap}`,
    // The agent takes its files away first of all.
    hasRun: () => !directory.has(AGENT_FILES.program) || directory.has(AGENT_FILES.failure),
    onAwaited,
  };
  // Not needed where an agent is inside already.
  const inject = options.inject ?? (await import('./injection/inject.ts')).inject;
  // Goes on in the time in which the target compiles the agent.
  void prepareConnections();
  await inject(target, program, {
    how,
    timeoutMs: timeoutOf(options),
    ...(signal === undefined ? {} : { signal }),
    ...(onStep === undefined ? {} : { onStep }),
  });
}

/** Waits for the agent whose bootstrap has run, or for the one that it has found inside. */
async function awaitAgent(
  target: LiveTarget,
  directory: TargetDirectory,
  options: AgentOptions,
): Promise<AgentSession> {
  const timeoutMs = timeoutOf(options);
  const deadline = monotonicMs() + timeoutMs;
  while (monotonicMs() < deadline) {
    if (options.signal?.aborted === true) throw new EvaluationCancelledError('attaching was called off');
    const connection = await connectTo(target, directory);
    if (connection !== undefined) {
      options.onStep?.('the agent answers');
      const greeting = await greet(connection, options);
      return sessionOf(target, { connection, directory, greeting }, { ...options, wasInside: false });
    }
    const failure = directory.read(AGENT_FILES.failure);
    if (failure !== undefined) throw couldNotStart(target.pid, failure);
    const other = directory.isThere ? undefined : await findAgent(target, options);
    if (other !== undefined) {
      directory[Symbol.dispose]();
      return other;
    }
    await pauseFor(LOOK_EVERY_MS);
  }
  throw new AgentSilentError(target.pid, `it did not come up within ${timeoutMs / 1000} s`);
}

function couldNotStart(pid: number, failure: string): InspectorError {
  return new AgentSilentError(pid, `it could not start there: ${failure}`);
}

function sessionOf(
  target: LiveTarget,
  parts: {
    readonly connection: AgentConnection;
    readonly directory: TargetDirectory;
    readonly greeting: Greeting;
  },
  options: AgentOptions & { readonly wasInside: boolean },
): AgentSession {
  return new AgentSession({
    target,
    ...parts,
    wasInside: options.wasInside,
    timeoutMs: timeoutOf(options),
  });
}

function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: AgentOptions): number {
  return timeoutMs;
}

import type { CancelSignal } from '../base/cancellation.ts';
import { readOwnUser } from '../platform/audit-file.ts';
import { readStatus } from '../platform/process-files.ts';
import type { TargetDirectory } from '../platform/target-directory.ts';
import type { Tasks } from '../target/tasks.ts';
import { failureOf, type Greeting, isOtherProtocol, parseGreeting } from '../wire/answers.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { AgentConnection } from './agent-connection.ts';
import { findAgentDirectories } from './agent-place.ts';
import { AgentSession, type SessionParts } from './agent-session.ts';
import { AGENT_FILES } from './bootstrap.ts';
import type { InjectionMethod, inject as injectForReal } from './injection/inject.ts';
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

/** Talks to the agent in a process; `undefined` when there is none that we understand. Nothing is brought in. */
export async function findAgent(tasks: Tasks, options: AgentOptions = {}): Promise<AgentSession | undefined> {
  for (const directory of findAgentDirectories(tasks)) {
    const found = await tryAgent(tasks, directory, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lets go of the directory, unless it is that of the session. */
async function tryAgent(
  tasks: Tasks,
  directory: TargetDirectory,
  options: AgentOptions,
): Promise<AgentSession | undefined> {
  let session: AgentSession | undefined;
  try {
    const connection = await connectTo(tasks, directory);
    if (connection === undefined) return undefined;
    options.onStep?.(`an agent answers in ${directory.path}`);
    session = await beginSession(tasks, { connection, directory, wasInside: true }, options);
    if (session === undefined) {
      options.onStep?.('it speaks another protocol, and is asked to leave');
      await askToLeave(tasks, directory, options);
    }
    return session;
  } finally {
    if (session === undefined) directory[Symbol.dispose]();
  }
}

/** Connects when the peer is the target itself, as the kernel says; anything else may have been planted. */
export async function connectTo(
  { pid }: Tasks,
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

/** Greets who has answered; `undefined` when it is an agent of another pyflight, that speaks otherwise. */
export async function beginSession(
  tasks: Tasks,
  parts: Omit<SessionParts, 'tasks' | 'greeting' | 'timeoutMs'>,
  options: AgentOptions,
): Promise<AgentSession | undefined> {
  const { connection } = parts;
  try {
    const greeting = await greet(connection, options);
    return new AgentSession({ tasks, ...parts, greeting, timeoutMs: timeoutOf(options) });
  } catch (error) {
    connection[Symbol.dispose]();
    if (error instanceof OtherProtocol) return undefined;
    throw error;
  }
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

async function askToLeave(tasks: Tasks, directory: TargetDirectory, options: AgentOptions): Promise<void> {
  const connection = await connectTo(tasks, directory);
  if (connection === undefined) return;
  try {
    await connection.request({ op: 'leave' }, { timeoutMs: timeoutOf(options) });
    await connection.ended;
  } finally {
    connection[Symbol.dispose]();
  }
}

/** How long an answer is waited for. */
export function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: AgentOptions): number {
  return timeoutMs;
}

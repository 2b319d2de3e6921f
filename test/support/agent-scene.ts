import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentOptions, type AgentSession, attach, type Inspection } from '../../src/api/index.ts';
import type { Interpreter } from './interpreters.ts';
import { PlatformTarget } from './platform-target.ts';
import { innermostChildOf } from './sandboxes.ts';
import { programsSeenBy } from './target.ts';

const STATE = mkdtempSync(join(tmpdir(), 'pyflight-state-'));
process.env['XDG_STATE_HOME'] = STATE;
// The tests have a directory that goes with all that is in it; what is measured has not.
process.once('exit', () => rmSync(STATE, { recursive: true, force: true }));

/** Where these tests write down what they do, in the place of the user's own file. */
export const AUDIT_FILE = join(STATE, 'pyflight', 'audit.log');

/** What a process has that an agent could leave something in. */
export interface Footprint {
  readonly threads: number;
  readonly descriptors: readonly string[];
  readonly files: readonly string[];
  /** As the program itself knows them. */
  readonly facts: {
    readonly threads: readonly string[];
    readonly names: readonly string[];
    /** Whether `sys.stdout` and `sys.stderr` are what they were. */
    readonly streams: readonly boolean[];
  };
}

/** `obeying.py` under an interpreter, and pyflight's look at it. Its stderr comes with its stdout. */
export class AgentScene implements AsyncDisposable {
  readonly interpreter: Interpreter;
  readonly target: PlatformTarget;
  readonly pid: number;
  readonly inspection: Inspection;

  private constructor(interpreter: Interpreter, target: PlatformTarget, pid: number, inspection: Inspection) {
    this.interpreter = interpreter;
    this.target = target;
    this.pid = pid;
    this.inspection = inspection;
  }

  /** Starts the program; `through` are words before the interpreter's, `prelude` is run first. */
  static async open(
    interpreter: Interpreter,
    {
      through = [],
      flags = ['-S', '-W', 'ignore'],
    }: { readonly through?: readonly string[]; readonly flags?: readonly string[] } = {},
  ): Promise<AgentScene> {
    const program = join(programsSeenBy(interpreter), 'obeying.py');
    const command = [...through, ...interpreter.command, ...flags, '-B', program];
    const target = await PlatformTarget.start('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sh', ...command]);
    try {
      await target.nextLine();
      // Within a pid namespace of its own it knows another id than we do.
      const pid = innermostChildOf(target.pid);
      return new AgentScene(interpreter, target, pid, await attach(pid));
    } catch (error) {
      await target[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The main thread of the program runs what an injection would have it run. */
  get injecting(): Required<Pick<AgentOptions, 'inject'>> {
    return {
      inject: async (_, { path }) => {
        this.target.send(`load(${JSON.stringify(path)})`);
        return { method: 'pending-call', nudged: false, steps: [] };
      },
    };
  }

  /** Opens the agent. */
  async agent(options: AgentOptions = {}): Promise<AgentSession> {
    return await this.inspection.agent({ ...this.injecting, ...options });
  }

  /** Has the program run a line and say something; the next thing that it says is that. */
  async tell(line: string): Promise<string> {
    this.target.send(line);
    return await this.target.nextLine();
  }

  /** Has the program evaluate an expression whose value JSON can say. */
  async ask<Value>(expression: string): Promise<Value> {
    return JSON.parse(await this.tell(`say(value=${expression})`)).value;
  }

  /** Reads what there is of the process. */
  async footprint(): Promise<Footprint> {
    const descriptors = readdirSync(`/proc/${this.pid}/fd`).map((fd) => {
      try {
        return `${fd} ${readlinkSync(`/proc/${this.pid}/fd/${fd}`)}`;
      } catch {
        return fd;
      }
    });
    return {
      threads: this.threads(),
      descriptors: descriptors.sort(),
      files: this.files(),
      facts: await this.ask('facts()'),
    };
  }

  /** How many threads the process has. An agent that leaves by itself ends its own a moment after its files are gone. */
  threads(): number {
    return readdirSync(`/proc/${this.pid}/task`).length;
  }

  /** Directories of agents of this process. */
  files(): readonly string[] {
    return agentFilesOf(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.inspection[Symbol.dispose]();
    await this.target[Symbol.asyncDispose]();
    removeAgentFiles(this.pid, this.interpreter.root);
  }
}

/** Directories of agents of a process, in its own file system. */
export function agentFilesOf(pid: number): readonly string[] {
  return ['tmp', 'var/tmp', 'dev/shm'].flatMap((directory) => {
    const path = join('/proc', `${pid}`, 'root', directory);
    const names = existsSync(path) ? readdirSync(path) : [];
    return names.filter((name) => name.startsWith(`pyflight-${pid}-`));
  });
}

/** A program that is killed leaves its agent's directory to whoever is connected, and in a test nobody may be. */
export function removeAgentFiles(pid: number, root = '/'): void {
  const directory = join(root, 'tmp');
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`pyflight-${pid}-`)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AgentSession, openAgent } from '../../src/api/index.ts';
import { agentFilesOf, removeAgentFiles } from './agent-scene.ts';
import { PlatformTarget } from './platform-target.ts';
import { interpretersWith } from './with-package.ts';

const PROGRAM = fileURLToPath(new URL('../programs/torch-calls.py', import.meta.url));

/** Pythons that have torch: those that the tests know, and those that PYFLIGHT_TORCH_PYTHON names, with `:` between them. */
export function torchPythons(): readonly { readonly name: string; readonly path: string }[] {
  const named = (process.env['PYFLIGHT_TORCH_PYTHON'] ?? '').split(':').filter(existsSync);
  const known = interpretersWith('torch').map(({ name, path }) => ({ name, path }));
  return [
    ...known,
    ...named.map((path) => ({ name: `of ${basename(path)}, ${named.indexOf(path) + 1}`, path })),
  ];
}

/** `torch-calls.py`, in an empty directory of its own, and the agent in it. */
export class TorchScene implements AsyncDisposable {
  readonly target: PlatformTarget;
  readonly directory: string;

  private constructor(target: PlatformTarget, directory: string) {
    this.target = target;
    this.directory = directory;
  }

  static async start(python: string): Promise<TorchScene> {
    const directory = mkdtempSync(join(tmpdir(), 'pyflight-torch-'));
    // What kineto says on standard error is no part of the test.
    const script = 'cd "$1" && exec "$2" -B "$3" 2>/dev/null';
    const target = await PlatformTarget.start('/bin/sh', ['-c', script, 'sh', directory, python, PROGRAM]);
    await target.nextLine();
    return new TorchScene(target, directory);
  }

  get pid(): number {
    return this.target.pid;
  }

  /** Has the program evaluate an expression. */
  async ask(expression: string): Promise<unknown> {
    this.target.send(expression);
    return JSON.parse(await this.target.nextLine());
  }

  async agent(): Promise<AgentSession> {
    return await openAgent(this.pid);
  }

  /** Waits until so many functions are hooked; each question waits for the program, so that this is no busy loop. */
  async untilHooks(count: number): Promise<void> {
    using agent = await this.agent();
    for (let round = 0; round < 10_000; round += 1) if ((await agent.status()).hooks.length === count) return;
    throw new Error('it never came to that');
  }

  /** What lies in its directory, and in those that agents have. */
  files(): readonly string[] {
    return [...readdirSync(this.directory), ...agentFilesOf(this.pid)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
    removeAgentFiles(this.pid);
    rmSync(this.directory, { recursive: true });
  }
}

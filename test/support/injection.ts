import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type InjectedProgram,
  type Injection,
  type InjectionWish,
  inject,
} from '../../src/agent/injection/inject.ts';
import { openTarget } from '../../src/target/live-target.ts';
import type { Target } from './target.ts';

/** Where a program is to leave its mark. */
export interface MarkPlace {
  /** A directory as the target sees it. */
  readonly directory: string;
  /** The directory that the target sees as `/`. */
  readonly root?: string | undefined;
}

let marks = 0;

/** A program that makes a file, whose truth that is, and then does something else; both are gone when it is disposed of. */
class MarkingProgram implements InjectedProgram, Disposable {
  readonly text: string;
  readonly path: string;
  readonly #root: string;
  readonly #mark: string;

  constructor({ directory, root = '/' }: MarkPlace, andThen = 'pass') {
    marks += 1;
    this.#root = root;
    this.#mark = join(directory, `mark-${process.pid}-${marks}`);
    this.path = `${this.#mark}.py`;
    // It runs in __main__, where it leaves no name behind.
    const mark = `(lambda os: os.close(os.open('${this.#mark}', os.O_CREAT | os.O_EXCL)))(__import__('os'))`;
    this.text = `try:\n ${mark}\n ${andThen}\nexcept BaseException: pass\n`;
    writeFileSync(join(root, this.path), this.text);
  }

  readonly hasRun = (): boolean => existsSync(join(this.#root, this.#mark));

  [Symbol.dispose](): void {
    for (const path of [this.#mark, this.path]) rmSync(join(this.#root, path), { force: true });
  }
}

/** Runs a marking program in a process; O_EXCL in it makes a second run fail. */
export async function injectMark(
  pid: number,
  place: MarkPlace,
  wish: Partial<InjectionWish> & { readonly andThen?: string } = {},
): Promise<Injection> {
  using program = new MarkingProgram(place, wish.andThen);
  using target = openTarget(pid);
  return await inject(target, program, { timeoutMs: 10_000, ...wish });
}

/** Where a target of injection-states.py can leave marks. */
export function markPlaceOf({ interpreter, groundTruth }: Target): MarkPlace {
  return { directory: String(groundTruth.facts['scratch']), root: interpreter.root };
}

/** Waits until the main thread of a process sleeps, in a system call of that form in `/proc/PID/syscall`. */
export async function untilAsleep(pid: number, form = /^\d/u): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (let before = ''; ; ) {
    // One that has ended says why when it is listened to.
    if (!existsSync(`/proc/${pid}`)) return;
    const call = readFileSync(`/proc/${pid}/task/${pid}/syscall`, 'latin1');
    if (call === before && form.test(call)) return;
    if (Date.now() > deadline) throw new Error(`process ${pid} does not fall asleep: ${call}`);
    before = call;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

import { afterAll, beforeAll, describe, test } from 'vitest';
import { attach, type Inspection, type SnapshotOptions } from '../../src/api/index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';
import type { GroundTruth } from './ground-truth.ts';
import { findInterpreters, type Interpreter, SUPPORTED_FAMILIES } from './interpreters.ts';
import { untilSettled } from './settled.ts';
import { startTarget, type Target, type TargetOptions } from './target.ts';

/** Declares the tests of every interpreter of a family from `since` on; a family that is not here is skipped by name. */
export function describeInterpreters(since: string, declare: (interpreter: Interpreter) => void): void {
  const interpreters = findInterpreters();
  for (const family of SUPPORTED_FAMILIES.slice(SUPPORTED_FAMILIES.indexOf(since))) {
    const members = interpreters.filter((interpreter) => interpreter.family === family);
    if (members.length === 0) test.skip(`CPython ${family} (none is here)`, () => undefined);
    for (const interpreter of members) describe(`CPython ${interpreter.name}`, () => declare(interpreter));
  }
}

/** Tells whether an interpreter's family is at least this one. */
export function isSince({ family }: Interpreter, since: string): boolean {
  return SUPPORTED_FAMILIES.indexOf(family) >= SUPPORTED_FAMILIES.indexOf(since);
}

/** The mode of sampling for threads that compute: with a GIL the one that holds it, without one all that are on a CPU. */
export function computingMode({ isFreeThreaded }: Interpreter): 'gil' | 'cpu' {
  return isFreeThreaded ? 'cpu' : 'gil';
}

/** A target program and pyflight's look at it. */
export class Scene implements AsyncDisposable {
  readonly target: Target;
  readonly inspection: Inspection;

  private constructor(target: Target, inspection: Inspection) {
    this.target = target;
    this.inspection = inspection;
  }

  /** Starts a program under an interpreter and attaches to it. */
  static async open(interpreter: Interpreter, program: string, options: TargetOptions = {}): Promise<Scene> {
    const target = await startTarget(interpreter, program, options);
    try {
      await untilSettled(target.groundTruth);
      return new Scene(target, await attach(target.groundTruth.pid));
    } catch (error) {
      await target.stop();
      throw error;
    }
  }

  get truth(): GroundTruth {
    return this.target.groundTruth;
  }

  /** Takes a snapshot when the target stands where it says; after a pause its system calls begin anew. */
  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    await untilSettled(this.truth);
    return this.inspection.snapshot(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.inspection[Symbol.dispose]();
    await this.target.stop();
  }
}

/** What all tests of one program under one interpreter share. */
export interface ProgramUnderTest extends TargetOptions {
  readonly interpreter: Interpreter;
  readonly program: string;
}

/** Declares tests that share one target, which none of them may change. */
export function describeScene(
  { interpreter, program, ...options }: ProgramUnderTest,
  declare: (scene: () => Scene) => void,
): void {
  describe(program, () => {
    let scene: Scene | undefined;
    beforeAll(async () => {
      scene = await Scene.open(interpreter, program, options);
    });
    afterAll(async () => {
      await scene?.[Symbol.asyncDispose]();
    });
    declare(() => {
      if (scene === undefined) throw new RangeError(`${program} did not start`);
      return scene;
    });
  });
}

/** The thread that the threading module calls so. */
export function threadNamed({ threads }: Snapshot, name: string): ThreadStack {
  const [thread, ...others] = threads.filter(({ pythonName }) => pythonName === name);
  if (thread === undefined || others.length > 0) {
    const names = threads.map(({ pythonName }) => pythonName ?? 'nameless').join(', ');
    throw new RangeError(`Not one thread is named ${name} among these: ${names}`);
  }
  return thread;
}

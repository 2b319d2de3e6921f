import { type ErrorCode, InspectorError, ProcessExitedError } from '../base/errors.ts';
import { mayBeTooEarly } from '../base/may-be-too-early.ts';
import type { ProfiledProcess, SamplingAccount, UnreadProcess } from '../profile/profile.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { ProgramWatch } from '../target/running-program.ts';
import { listChildIds } from '../target/sampling-host.ts';
import { FamilyTree, type Member } from './family-tree.ts';
import type { MergeNative } from './merged-stacks.ts';
import { type LookCounts, type ProfileTables, type SampleChoice, SampledProcess } from './sampled-process.ts';
import { checkThread, type LabelReader } from './thread-roster.ts';

/** Which processes are sampled, and what is noted of them. */
export interface FamilyPlan extends SampleChoice {
  /** Also what the process has started and will start, and what that starts. */
  readonly withChildren: boolean;
  /** A thread that is asked for need not be there at the start. */
  readonly threadMayCome: boolean;
}

/** What a process is opened by, and what is read of it beside its stacks. */
export interface TargetReaders {
  readonly open: (pid: number) => LiveTarget;
  readonly readLabels: (target: LiveTarget) => ReturnType<LabelReader>;
  /** `sys.path`. */
  readonly readSearchPath: (target: LiveTarget) => readonly string[];
  /** Merges native calls, where these are wanted. */
  readonly mergerOf?: (target: LiveTarget) => MergeNative;
}

interface FamilyParts {
  readonly plan: FamilyPlan;
  readonly readers: TargetReaders;
  readonly nowNs: () => number;
}

/**
 * So often it is looked who has come and gone, if that takes no more than a fiftieth of the time: sooner than a Python begins
 * that takes the place of one of the same build, which lies at the same addresses.
 */
const LOOK_EVERY_NS = 20_000_000;
const MOST_SHARE = 1 / 50;

/** What is said of processes of which nobody wants to hear that they were not sampled: they have ended, or run no Python. */
const OF_NO_INTEREST: ReadonlySet<ErrorCode> = new Set([
  'bad-argument',
  'no-such-process',
  'not-python',
  'process-exited',
  'process-replaced',
  'zombie-process',
]);

/** The processes of a profile: one, through all programs that it runs, or with it those that it has started. */
export class ProcessFamily implements Disposable {
  /** All that were sampled, each program of a process apart. */
  readonly profiled: ProfiledProcess[] = [];
  /** Those that could not be. */
  readonly unread: UnreadProcess[] = [];
  readonly #parts: FamilyParts;
  #tables: ProfileTables;
  readonly #tree: FamilyTree;
  readonly #sampled = new Map<Member, SampledProcess>();
  /** Where members are among those that were sampled, also when they have ended. */
  readonly #places = new Map<Member, number>();
  #nextLookNs: number;
  /** Why the root was not sampled when it was tried last. */
  #rootError: InspectorError | undefined;

  constructor(pid: number, tables: ProfileTables, parts: FamilyParts) {
    this.#tables = tables;
    this.#parts = parts;
    const nowNs = parts.nowNs();
    const reader = { listChildren: listChildIds, watchProgram };
    this.#tree = new FamilyTree(pid, { reader, followsChildren: parts.plan.withChildren }, nowNs);
    this.#nextLookNs = nowNs + LOOK_EVERY_NS;
    this.#tryToOpen(this.#tree.root);
    let member = this.#tree.nextToOpen(nowNs);
    for (; member !== undefined; member = this.#tree.nextToOpen(nowNs)) this.#tryToOpen(member);
  }

  get rootPid(): number {
    return this.#tree.root.pid;
  }

  /**
   * Says why there is nothing left to be sampled; `undefined` as long as there is, or may be.
   * @throws {InspectorError} when there never was
   */
  findEnd(): Extract<SamplingAccount['endedBecause'], `target-${string}`> | undefined {
    const { root, isRootThere, isWaiting } = this.#tree;
    if (this.#sampled.size > 0 || isWaiting) return undefined;
    if (this.profiled.length === 0) throw this.#rootError ?? new ProcessExitedError(root.pid);
    if (!isRootThere) return 'target-ended';
    return this.#parts.plan.withChildren ? undefined : 'target-replaced';
  }

  /** Looks at the threads of all; `false` when there was none. */
  sweep(nowNs: number, counts: LookCounts): boolean {
    let isAnySeen = false;
    for (const [member, sampled] of this.#sampled) {
      try {
        sampled.sweep(nowNs, counts);
        isAnySeen = true;
      } catch (error) {
        if (!(error instanceof InspectorError)) throw error;
        if (this.#tree.check(member, nowNs)) this.#close(member);
        else counts.unreadable += 1;
      }
    }
    return isAnySeen;
  }

  /** Looks who has come and gone when it is time to, and opens one that has come. Answers whether there was something to do. */
  tend(beganNs: number): boolean {
    const { nowNs } = this.#parts;
    const isDue = beganNs >= this.#nextLookNs;
    if (isDue) {
      for (const member of this.#tree.look(beganNs)) this.#close(member);
      const tookNs = nowNs() - beganNs;
      this.#nextLookNs = beganNs + Math.max(LOOK_EVERY_NS, tookNs / MOST_SHARE);
    }
    // One at a time: that takes some milliseconds, which the sweeps of the others would be late by.
    const member = this.#tree.nextToOpen(beganNs);
    if (member !== undefined) this.#tryToOpen(member);
    return isDue || member !== undefined;
  }

  /** Goes on with other tables. */
  renew(tables: ProfileTables): void {
    this.#tables = tables;
    for (const [member, sampled] of this.#sampled) this.#sampled.set(member, sampled.renewed(tables));
  }

  [Symbol.dispose](): void {
    for (const member of this.#sampled.keys()) this.#close(member);
    this.#tree[Symbol.dispose]();
  }

  #tryToOpen(member: Member): void {
    try {
      if (this.#open(member)) this.#tree.settle(member, 'sampled');
    } catch (error) {
      if (!(error instanceof InspectorError)) throw error;
      if (member.parent === undefined) this.#rootError = error;
      if (mayBeTooEarly(error) && this.#tree.postpone(member, this.#parts.nowNs())) return;
      this.#tree.settle(member, 'left-out');
      if (!OF_NO_INTEREST.has(error.code)) this.unread.push({ pid: member.pid, reason: error.message });
    }
  }

  /** `false` when it is to be opened later. */
  #open(member: Member): boolean {
    const { readers, nowNs } = this.#parts;
    const target = readers.open(member.pid);
    try {
      // Not the program that it ran when it was met, and so would be sampled twice: it has begun another one since, or was
      // in the midst of execve(2), when a process looks for a moment like a third program.
      const isOther = this.#tree.check(member, nowNs());
      if (isOther) target[Symbol.dispose]();
      else this.#add(member, target);
      return !isOther;
    } catch (error) {
      target[Symbol.dispose]();
      throw error;
    }
  }

  #add(member: Member, target: LiveTarget): void {
    const { plan, readers } = this.#parts;
    const index = this.profiled.length;
    const mergeNative = readers.mergerOf?.(target);
    const readLabels = (): ReturnType<LabelReader> => readers.readLabels(target);
    if (index === 0 && !plan.threadMayCome && plan.thread !== undefined) checkThread(plan.thread, readLabels);
    const { pid, commandLine, python } = target.facts;
    const searchPath = readers.readSearchPath(target);
    const place = { index, readLabels, mergeNative };
    this.#sampled.set(member, new SampledProcess(target, this.#tables, plan, place));
    this.#places.set(member, index);
    this.profiled.push({ pid, parent: this.#placeOfParent(member), commandLine, python, searchPath });
  }

  /** The nearest ancestor that was sampled: between them there may be a shell. */
  #placeOfParent({ parent }: Member): number | undefined {
    for (let ancestor = parent; ancestor !== undefined; ancestor = ancestor.parent) {
      const place = this.#places.get(ancestor);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #close(member: Member): void {
    this.#sampled.get(member)?.[Symbol.dispose]();
    this.#sampled.delete(member);
  }
}

function watchProgram(pid: number): ProgramWatch | undefined {
  try {
    const program = new ProgramWatch(pid);
    if (program.readFate() !== 'ended') return program;
    program[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof InspectorError)) throw error;
  }
  return undefined;
}

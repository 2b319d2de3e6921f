import type { ProgramWatch } from '../target/running-program.ts';

/** What can be asked of processes while they run. */
export interface FamilyReader {
  /** Lists the living processes that these have started, each with the one that started it. */
  readonly listChildren: (
    parents: ReadonlySet<number>,
  ) => readonly (readonly [child: number, parent: number])[];
  /** Begins to watch the program that a process runs; `undefined` for one that has ended. */
  readonly watchProgram: (pid: number) => WatchedProgram | undefined;
}

/** The program that a process ran when this began. */
export type WatchedProgram = Pick<ProgramWatch, 'readFate' | typeof Symbol.dispose>;

/** A process of a family. */
export interface Member {
  readonly pid: number;
  /** The one that started it, which may have ended; `undefined` for the root. */
  readonly parent: Member | undefined;
}

interface Relative extends Member {
  readonly parent: Relative | undefined;
  program: WatchedProgram;
  /** It may yet become clear what it runs; it is sampled; or it is not for us, until it begins another program. */
  state: 'waits' | 'sampled' | 'left-out';
  attempts: number;
  attemptNs: number;
}

/**
 * A program needs some time until there is a Python in it, and a process that was just forked off may be about to begin another
 * program: it is opened after so long at the earliest. As often as that it is tried again some times, then after twice as long each.
 */
const WAIT_NS = 20_000_000;
const QUICK_ATTEMPTS = 5;
/** After so many attempts, two and a half seconds, it runs no Python. */
const MOST_ATTEMPTS = 12;

/** A process and what it has started, as they come and go: which of them are to be opened, and when. */
export class FamilyTree implements Disposable {
  /** Also when it was not there from the start. */
  readonly root: Member;
  readonly #reader: FamilyReader;
  readonly #followsChildren: boolean;
  readonly #relatives = new Map<number, Relative>();

  /** @param nowNs all that are there at this moment are to be opened at once */
  constructor(
    rootPid: number,
    { reader, followsChildren }: { readonly reader: FamilyReader; readonly followsChildren: boolean },
    nowNs: number,
  ) {
    this.#reader = reader;
    this.#followsChildren = followsChildren;
    this.root = this.#add(rootPid, undefined, nowNs) ?? { pid: rootPid, parent: undefined };
    if (followsChildren) this.#addChildren(nowNs);
  }

  /** Whether the process at the root still lives. */
  get isRootThere(): boolean {
    return this.#relatives.get(this.root.pid) === this.root;
  }

  /** Whether it is not yet clear of some whether they can be sampled. */
  get isWaiting(): boolean {
    for (const { state } of this.#relatives.values()) if (state === 'waits') return true;
    return false;
  }

  /** Looks who has come, who has gone and who has begun another program; answers of whom that is no more true what was. */
  look(nowNs: number): readonly Member[] {
    const changed = [...this.#relatives.values()].filter((relative) => this.#check(relative, nowNs));
    if (this.#followsChildren) this.#addChildren(nowNs + WAIT_NS);
    return changed;
  }

  /** The member that has waited longest for its turn to be opened, parents before children; `undefined` when none is due. */
  nextToOpen(nowNs: number): Member | undefined {
    let next: Relative | undefined;
    for (const relative of this.#relatives.values()) {
      const isDue = relative.state === 'waits' && relative.attemptNs <= nowNs;
      if (isDue && relative.attemptNs < (next?.attemptNs ?? Number.POSITIVE_INFINITY)) next = relative;
    }
    return next;
  }

  /** Says that a member is sampled now, or that it never will be. */
  settle({ pid }: Member, state: 'sampled' | 'left-out'): void {
    const relative = this.#relatives.get(pid);
    if (relative !== undefined) relative.state = state;
  }

  /** Says that nothing came of an attempt; `false` when there will be no other. */
  postpone({ pid }: Member, nowNs: number): boolean {
    const relative = this.#relatives.get(pid);
    if (relative === undefined) return false;
    relative.attemptNs = nowNs + WAIT_NS * 2 ** Math.max(0, relative.attempts - QUICK_ATTEMPTS);
    relative.attempts += 1;
    if (relative.attempts > MOST_ATTEMPTS) relative.state = 'left-out';
    return relative.state === 'waits';
  }

  /** Whether a member has ended or begun another program, which is taken note of. */
  check({ pid }: Member, nowNs: number): boolean {
    const relative = this.#relatives.get(pid);
    return relative === undefined || this.#check(relative, nowNs);
  }

  [Symbol.dispose](): void {
    for (const { program } of this.#relatives.values()) program[Symbol.dispose]();
    this.#relatives.clear();
  }

  #check(relative: Relative, nowNs: number): boolean {
    const fate = relative.program.readFate();
    if (fate === 'goes-on') return false;
    relative.program[Symbol.dispose]();
    const program = fate === 'ended' ? undefined : this.#reader.watchProgram(relative.pid);
    if (program === undefined) {
      this.#relatives.delete(relative.pid);
      return true;
    }
    relative.program = program;
    relative.state = 'waits';
    relative.attempts = 0;
    relative.attemptNs = nowNs + WAIT_NS;
    return true;
  }

  #addChildren(attemptNs: number): void {
    let parents = new Set(this.#relatives.keys());
    while (parents.size > 0) {
      const added = this.#reader
        .listChildren(parents)
        .map(([pid, parent]) => this.#add(pid, this.#relatives.get(parent), attemptNs));
      parents = new Set(added.flatMap((relative) => relative?.pid ?? []));
    }
  }

  /** Adds one that is new. */
  #add(pid: number, parent: Relative | undefined, attemptNs: number): Relative | undefined {
    const program = this.#relatives.has(pid) ? undefined : this.#reader.watchProgram(pid);
    if (program === undefined) return undefined;
    const relative: Relative = { pid, parent, program, state: 'waits', attempts: 0, attemptNs };
    this.#relatives.set(pid, relative);
    return relative;
  }
}

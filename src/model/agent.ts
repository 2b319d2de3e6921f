import type { ObjectView } from './object-view.ts';
import type { RecordStore } from './recorded-calls.ts';

/** What the agent in a process says of itself and of those who use it. */
export interface AgentStatus {
  /** As the process knows itself. */
  readonly pid: number;
  /** The first line of `sys.version`. */
  readonly python: string;
  /** Of the pyflight that brought the agent in. */
  readonly version: string;
  readonly protocol: number;
  readonly ageSeconds: number;
  /** It leaves when no client has been heard for so long. */
  readonly leaseSeconds: number;
  /** Of its thread, as the process numbers it. */
  readonly threadId: number | undefined;
  /** Where its socket is, as the process sees it. */
  readonly directory: string;
  readonly clients: readonly AgentClient[];
  readonly hooks: readonly ActiveHook[];
  /** Requests that run code at the moment. */
  readonly running: readonly RunningRequest[];
  /** Modules of the standard library that the agent has loaded and that the program had not. */
  readonly modulesAdded: readonly string[];
  /** Calls that are kept for `tt`; absent when nobody has asked for that. */
  readonly records: RecordStore | undefined;
}

/** Somebody who is connected to the agent. */
export interface AgentClient {
  /** In the pid namespace of the process. */
  readonly pid: number;
  /** In the user namespace of the process. */
  readonly uid: number;
  /** What it says of itself: `root, pyflight 0.1.0`. */
  readonly name: string;
  readonly seconds: number;
  /** It is the one that asks. */
  readonly isOwn: boolean;
}

/** A hook on a function of the process. */
export interface ActiveHook {
  readonly id: number;
  /** The command that it belongs to: `watch`. */
  readonly kind: string;
  readonly target: string;
  readonly hits: number;
  /** What it has added to the calls, all together. */
  readonly costNs: number;
}

/** A request that runs code in the process. */
export interface RunningRequest {
  readonly op: string;
  readonly seconds: number;
}

/** A value as the agent saw it: a tree, or the text of its own `__repr__` where that was asked for. */
export interface Evaluation {
  readonly typeName: string;
  readonly value:
    | { readonly kind: 'view'; readonly view: ObjectView }
    | { readonly kind: 'repr'; readonly text: string; readonly omitted: number };
}

/** Instances of a class, or what an expression made of them. */
export interface InstanceEvaluation extends Evaluation {
  /** How many there are. */
  readonly total: number;
}

/** What a run of the garbage collector did. */
export interface Collection {
  /** Unreachable objects that were found, by generation, the youngest first. */
  readonly collected: readonly number[];
  /** Objects in `gc.garbage`. */
  readonly uncollectable: number;
  readonly seconds: number;
}

/** Hooks that were taken out, and those that somebody else has changed since, which are left alone. */
export interface HookRemoval {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/** How the agent left a process: what it took out, and what was counted there afterwards. */
export interface Departure extends HookRemoval {
  /** Requests whose code still ran and was told to stop; one in a long call of C ends when that does. */
  readonly running: readonly RunningRequest[];
  /** Stays loaded: a module cannot be taken out of a program safely. */
  readonly modulesAdded: readonly string[];
  /** What of the agent is still there, counted from outside; all 0 when it has gone. */
  readonly left: { readonly threads: number; readonly sockets: number; readonly files: number };
}

/** What came of a statement at a console. */
export interface ConsoleOutcome {
  /** `incomplete` wants more lines; `ended` is a call of `exit()`. */
  readonly state: 'done' | 'failed' | 'incomplete' | 'ended';
  /** What `exit()` was called with. */
  readonly code: string | undefined;
}

import type { CancelSignal } from '../base/cancellation.ts';
import type {
  AgentStatus,
  Collection,
  Departure,
  Evaluation,
  HookRemoval,
  InstanceEvaluation,
} from '../model/agent.ts';
import type { CallTree } from '../model/call-tree.ts';
import type {
  CallAccount,
  CallerCounts,
  CallerReport,
  CallInterval,
  WatchedCall,
} from '../model/function-calls.ts';
import type { RecordedCall, RecordStore } from '../model/recorded-calls.ts';
import type { ReloadReport } from '../model/reload-report.ts';
import type { ValueBudget } from '../model/value-extent.ts';
import type { TargetDirectory } from '../platform/target-directory.ts';
import type { Tasks } from '../target/tasks.ts';
import {
  type Greeting,
  parseCollection,
  parseEvaluation,
  parseFarewell,
  parseInstances,
  parseRecordStore,
  parseRemoval,
  parseStatus,
} from '../wire/answers.ts';
import {
  parseAccount,
  parseCallerCounts,
  parseCallers,
  parseInterval,
  parseWatchedCall,
} from '../wire/call-answers.ts';
import type { Fields } from '../wire/fields.ts';
import type { Request, Wish } from '../wire/protocol.ts';
import { parseRecordedCall } from '../wire/record-answers.ts';
import { parseReload } from '../wire/reload-answer.ts';
import { parseCallTree } from '../wire/trace-answers.ts';
import type { AgentConnection, Waiting } from './agent-connection.ts';
import { AgentConsole, hearOutput, type OutputListener } from './agent-console.ts';
import { removeAgentDirectory } from './agent-place.ts';
import { Audit } from './audit.ts';
import { CallRecords } from './call-records.ts';
import { hearStream, type StreamListener, type StreamWish, streamRequest } from './call-stream.ts';
import { watchDeparture } from './departure.ts';
import { MemoryQuestions } from './memory-questions.ts';
import { partText } from './payload.ts';
import { partsFor, reloadParts } from './payload-parts.ts';
import { type ReloadWish, reloadRequest } from './reload-request.ts';
import { TorchQuestions } from './torch-questions.ts';

/** What shall be looked at by running code in the process. */
export interface EvaluationWish {
  /** A module that is loaded: `__main__`, `shop.orders`. */
  readonly module: string;
  /** A dotted path from there: `Cart.items`; the module itself when left out. */
  readonly path?: string;
  /** Python, with the module's names and `target` or `instances`. */
  readonly expression?: string | undefined;
  /** Has the value's own `__repr__` make a text of it. */
  readonly repr?: boolean;
  readonly budget?: ValueBudget | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Gets what the code prints, while it runs. */
  readonly onOutput?: OutputListener | undefined;
}

/** What `watch` shall show of each call. */
export interface WatchWish extends StreamWish {
  /** Python about the same as the filter; `args,kwargs` without it. */
  readonly expression?: string | undefined;
  /** Has the value's own `__repr__` make a text of it. */
  readonly repr?: boolean;
  readonly budget?: ValueBudget | undefined;
  /** The expression at the call's entry, too. */
  readonly atEntry?: boolean;
  /** Each value that a generator yields. */
  readonly yields?: boolean;
  /** Who called. */
  readonly stack?: boolean;
}

/** Which calls `trace` shall show below each call. */
export interface TraceWish extends StreamWish {
  /** Milliseconds; shorter calls are counted only. 0.1 when left out. */
  readonly interval?: number | undefined;
  /** Milliseconds; shorter calls of the traced function itself are not told. */
  readonly entranceTime?: number | undefined;
  /** How many levels, of which the traced call is the first; the interval does not matter then. */
  readonly depth?: number | undefined;
  /** Each call for itself, also those of the same function from the same line. */
  readonly unfolded?: boolean;
}

/** How calls shall be recorded. */
export interface RecordingWish extends StreamWish {
  /** Keeps trees of the arguments as they are at the entry, and of the result, beside the objects themselves. */
  readonly copy?: boolean;
  /** Has Python copy the arguments at the entry, for a replay: code of the program runs in its own calls for it. */
  readonly deepCopy?: boolean;
  /** Of those trees. */
  readonly budget?: ValueBudget | undefined;
  /** What all records together may hold, by an estimate. */
  readonly keepBytes?: number | undefined;
  /** For how long the agent stays for them when its last client has gone. */
  readonly keepSeconds?: number | undefined;
}

/** What a session is made of. */
export interface SessionParts {
  readonly tasks: Tasks;
  readonly connection: AgentConnection;
  readonly directory: TargetDirectory;
  readonly greeting: Greeting;
  /** The agent was inside already. */
  readonly wasInside: boolean;
  /** For answers that need no code of the program. */
  readonly timeoutMs: number;
}

/** Pings in the time of a lease: one or two may be lost while the process is busy. */
const PINGS_PER_LEASE = 3;

/** What can be asked of an agent that is inside a process. Dispose of it to hang up; the agent leaves later, or at `detach()`. */
export class AgentSession implements Disposable {
  /** The agent was inside already when we came. */
  readonly wasInside: boolean;
  /** Of the pyflight that has brought it in. */
  readonly agentVersion: string;
  readonly #parts: SessionParts;
  readonly #audit: Audit;
  readonly #pings: NodeJS.Timeout;
  readonly #partsInside: Set<string>;
  #isClosed = false;

  constructor(parts: SessionParts) {
    const { greeting, connection, tasks, wasInside } = parts;
    this.wasInside = wasInside;
    this.agentVersion = greeting.version;
    this.#parts = parts;
    this.#partsInside = new Set(greeting.parts);
    this.#audit = new Audit(tasks.pid);
    this.#audit.write({ op: 'attach', wasInside, version: greeting.version });
    const every = (Math.max(greeting.leaseSeconds, 1) * 1000) / PINGS_PER_LEASE;
    this.#pings = setInterval(() => connection.tell({ op: 'ping' }), every);
    this.#pings.unref();
    void connection.ended.then(() => clearInterval(this.#pings));
  }

  /** Whether everything could be written down in the audit. */
  get isAudited(): boolean {
    return this.#audit.isComplete;
  }

  /** Tells who is attached, what is hooked, and what runs. */
  async status(): Promise<AgentStatus> {
    return parseStatus(await this.#askQuickly({ op: 'status' }));
  }

  /** Looks at a value of a module, or at what an expression makes of it as `target`. */
  async evaluate(wish: EvaluationWish): Promise<Evaluation> {
    return parseEvaluation(await this.#ask(requestOf('evaluate', wish), waitingOf(wish)));
  }

  /** Looks at instances of a class and its subclasses, or at what an expression makes of them as `instances`. */
  async instances(wish: EvaluationWish & { readonly limit: number }): Promise<InstanceEvaluation> {
    const request = { ...requestOf('instances', wish), limit: wish.limit };
    return parseInstances(await this.#askWithParts(request, waitingOf(wish)));
  }

  /** Has the garbage collector run, finalizers included. */
  async forceGc(signal?: CancelSignal): Promise<Collection> {
    return parseCollection(await this.#ask({ op: 'forceGc' }, { signal }));
  }

  /** Completes names of loaded modules, or of what a module has; no code of the program runs for it. */
  async names(text: string, module?: string): Promise<readonly string[]> {
    return (await this.#askQuickly({ op: 'names', text, module })).texts('names');
  }

  /** Opens a Python prompt in the process. */
  async openConsole(): Promise<AgentConsole> {
    const answer = await this.#askQuickly({ op: 'console-open' });
    const ask = (request: Request, waiting?: Waiting): Promise<Fields> => this.#ask(request, waiting);
    return new AgentConsole(ask, { number: answer.whole('console'), banner: answer.text('banner') });
  }

  /** Tells of the calls of a function, one by one, with what an expression makes of each. Answers when it has ended. */
  async watch(wish: WatchWish, listener: StreamListener<WatchedCall>): Promise<CallAccount> {
    const { expression, repr, budget, atEntry, yields, stack, ...calls } = wish;
    const limits: Wish = budget === undefined ? undefined : { ...budget };
    const request = streamRequest('watch', calls, {
      expression,
      repr,
      budget: limits,
      atEntry,
      yields,
      stack,
    });
    return parseAccount(
      await this.#stream(request, wish, (event) => hearStream(event, listener, parseWatchedCall)),
    );
  }

  /** Tells of the calls of a function, one by one, with the calls below each. Answers when it has ended. */
  async trace(wish: TraceWish, listener: StreamListener<CallTree>): Promise<CallAccount> {
    const { interval, entranceTime, depth, unfolded, ...calls } = wish;
    const request = streamRequest('trace', calls, { interval, entranceTime, depth, unfolded });
    let searchPath: readonly string[] = [];
    const parse = (call: Fields): CallTree => {
      const tree = parseCallTree(call, searchPath);
      searchPath = tree.searchPath;
      return tree;
    };
    return parseAccount(await this.#stream(request, wish, (event) => hearStream(event, listener, parse)));
  }

  /** Keeps the calls of a function, by reference, and tells of each. Answers when it has ended. */
  async record(
    wish: RecordingWish,
    listener: StreamListener<RecordedCall>,
  ): Promise<{ readonly account: CallAccount; readonly store: RecordStore }> {
    const { copy, deepCopy, budget, keepBytes, keepSeconds, ...calls } = wish;
    const limits: Wish = budget === undefined ? undefined : { ...budget };
    const request = streamRequest('tt', calls, { copy, deepCopy, budget: limits, keepBytes, keepSeconds });
    const answer = await this.#stream(request, wish, (event) =>
      hearStream(event, listener, parseRecordedCall),
    );
    return { account: parseAccount(answer), store: parseRecordStore(answer.fields('records')) };
  }

  /** The calls that are recorded, whoever has recorded them. */
  async openRecords(): Promise<CallRecords> {
    await this.#bring('tt');
    return new CallRecords((request, waiting) => this.#ask(request, waiting), this.#parts.timeoutMs);
  }

  /** Asks the torch that the process has loaded. */
  get torch(): TorchQuestions {
    return new TorchQuestions((request, waiting) => this.#askWithParts(request, waiting));
  }

  /** Asks the interpreter itself what takes its memory. */
  get memory(): MemoryQuestions {
    return new MemoryQuestions((request, waiting) => this.#askWithParts(request, waiting));
  }

  /** Counts the calls of a function over intervals; `limit` is one of intervals. Answers when it has ended. */
  async monitor(
    wish: StreamWish & { readonly everySeconds: number },
    listener: StreamListener<CallInterval>,
  ): Promise<CallAccount> {
    const { everySeconds: every, ...calls } = wish;
    const request = streamRequest('monitor', calls, { every });
    return parseAccount(
      await this.#stream(request, wish, (event) => hearStream(event, listener, parseInterval)),
    );
  }

  /**
   * Counts the ways by which a function is called, so many callers of each, until there were enough calls. About each second
   * it tells what it has counted so far, which is all that there is when the process is killed.
   */
  async callers(
    wish: StreamWish & { readonly depth?: number },
    listener: Omit<StreamListener<never>, 'onCall'> & {
      readonly onCounts?: (counts: CallerCounts) => void;
    } = {},
  ): Promise<CallerReport> {
    const { depth, ...calls } = wish;
    const { onCounts, ...opening } = listener;
    const hears = { ...opening, onCall: (counts: CallerCounts) => onCounts?.(counts) };
    const request = streamRequest('callers', calls, { depth });
    return parseCallers(
      await this.#stream(request, wish, (event) => hearStream(event, hears, parseCallerCounts)),
    );
  }

  /** Puts the code that a function has in its file into the process, or takes that back. */
  async reload(wish: ReloadWish): Promise<ReloadReport> {
    for (const part of reloadParts(this.#parts.greeting.engine)) await this.#extend(part);
    return parseReload(await this.#ask(reloadRequest(wish), waitingOf(wish)));
  }

  /** Takes out hooks whose target matches: `*` stands for any characters. */
  async reset(pattern = '*'): Promise<HookRemoval> {
    return parseRemoval(await this.#askQuickly({ op: 'reset', pattern }));
  }

  /** Has the agent leave, for everybody, and counts from outside what is left of it. */
  async detach(): Promise<Departure> {
    const { tasks, directory, connection } = this.#parts;
    const farewell = parseFarewell(await this.#askQuickly({ op: 'leave' }));
    connection.expectEnd();
    await connection.ended;
    const departure = await watchDeparture(tasks, farewell, directory);
    this[Symbol.dispose]();
    return departure;
  }

  /** Asks for a stream, whose events come before its answer. */
  async #stream(request: Request, { signal }: StreamWish, onEvent: (event: Fields) => void): Promise<Fields> {
    return await this.#askWithParts(request, { signal, onEvent });
  }

  /** Asks what parts of our own program answer that are sent before. */
  async #askWithParts(request: Request, waiting?: Waiting): Promise<Fields> {
    await this.#bring(request.op);
    return await this.#ask(request, waiting);
  }

  async #bring(op: string): Promise<void> {
    for (const part of partsFor(this.#parts.greeting.engine, op)) await this.#extend(part);
  }

  /** Sends a part of our own program that is not inside yet. */
  async #extend(part: string): Promise<void> {
    if (this.#partsInside.has(part)) return;
    const { connection, timeoutMs } = this.#parts;
    await connection.request({ op: 'extend', part, text: partText(part) }, { timeoutMs });
    this.#partsInside.add(part);
  }

  async #askQuickly(request: Request): Promise<Fields> {
    return await this.#ask(request, { timeoutMs: this.#parts.timeoutMs });
  }

  async #ask(request: Request, waiting?: Waiting): Promise<Fields> {
    const { connection, directory } = this.#parts;
    this.#audit.write(request);
    try {
      return await connection.request(request, {
        timeoutMs: waiting?.timeoutMs,
        signal: waiting?.signal,
        onEvent: waiting?.onEvent,
        cancelMs: waiting?.cancelMs,
      });
    } catch (error) {
      // A program that was killed, or runs another one, leaves the directory to us.
      if (connection.isOver && directory.has('s') && (await directory.connect('s')) === undefined) {
        removeAgentDirectory(directory);
      }
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#pings);
    this.#parts.connection[Symbol.dispose]();
    this.#parts.directory[Symbol.dispose]();
  }
}

function waitingOf({ signal, onOutput }: Pick<EvaluationWish, 'signal' | 'onOutput'>): Waiting {
  return { signal, onEvent: onOutput === undefined ? undefined : (event) => hearOutput(event, onOutput) };
}

function requestOf(op: string, { module, path, expression, repr, budget }: EvaluationWish): Request {
  const limits: Wish = budget === undefined ? undefined : { ...budget };
  return { op, module, path, expression, repr, budget: limits };
}

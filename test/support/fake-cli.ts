import { Readable } from 'node:stream';
import type {
  CoreProgress,
  GlobalOptions,
  GlobalValue,
  HeapSummary,
  HeapSummaryOptions,
  HoldingOptions,
  HoldingReport,
  InstanceOptions,
  InstanceReport,
  LackingFile,
  LargestObjects,
  LargestOptions,
  ModuleOptions,
  ModuleReport,
  SnapshotOptions,
  StoredCore,
} from '../../src/api/index.ts';
import {
  CannotReadFileError,
  NoPythonInstalledError,
  NoSuchNameError,
  NoSuchProcessError,
  ProcessExitedError,
} from '../../src/base/errors.ts';
import type { Context } from '../../src/cli/context.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { Interruption } from '../../src/cli/interruption.ts';
import type { CoreFacts } from '../../src/model/core-signal.ts';
import type { LockReport } from '../../src/model/lock-report.ts';
import type { PythonProcess } from '../../src/model/python-process.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { heapFiguresFromJson } from '../../src/report/heap-summary-json.ts';
import { PLAIN } from '../../src/report/style.ts';

/** The world that a command line of a test runs in. */
export interface FakeWorld {
  /** What each look at a process finds, in turn; the last one again and again. An error is thrown. */
  readonly snapshots?: readonly (Snapshot | Error)[];
  readonly processes?: readonly PythonProcess[];
  /** Who waits for whom in it; nobody without it. */
  readonly locks?: LockReport;
  /** Its modules, the value of any global, and the instances of any class. */
  readonly modules?: ModuleReport;
  readonly global?: GlobalValue;
  readonly instances?: InstanceReport;
  /** Files that are there. */
  readonly files?: ReadonlyMap<string, string>;
  /** Its objects at each look, in turn. */
  readonly heaps?: readonly HeapSummary[];
  readonly holdings?: HoldingReport;
  readonly largest?: LargestObjects;
  /** What the core of `core core.5010` says; its stacks are the first snapshot. */
  readonly coreFacts?: CoreFacts;
  /** What systemd has kept; it keeps none without it. */
  readonly storedCores?: readonly StoredCore[];
  /** The files that the core lacks. */
  readonly lackingFiles?: readonly LackingFile[];
  /** What is told while a core is opened. */
  readonly decompression?: readonly CoreProgress[];
  /** Lines that a person types; nobody is there without it. */
  readonly typed?: readonly string[];
  /** Ctrl-C comes in the wait of this number; 1 without it. */
  readonly interruptedWait?: number;
  /** The process ends after that many looks; never without it. */
  readonly ended?: number;
  /** What standard input holds; nothing without it. */
  readonly lines?: readonly string[];
  /** What the shell makes of what is written to it; `closes` when it has read enough. */
  readonly shell?: { readonly status: number; readonly closes?: boolean };
  readonly context?: Partial<Context>;
}

/** What a command line of a test did. */
export interface CommandResult {
  readonly status: number;
  readonly out: string;
  readonly notes: string;
  readonly files: ReadonlyMap<string, string>;
  /** What was asked of the library, in order: `attach 5010 {"exhaustive":false}`. */
  readonly calls: readonly string[];
}

/** Runs a command line against snapshots made by hand, and keeps what it wrote. */
export async function runCommandLine(argv: readonly string[], world: FakeWorld = {}): Promise<CommandResult> {
  const calls: string[] = [];
  const result = { out: '', notes: '', files: new Map<string, string>(world.files), calls };
  const typed = [...(world.typed ?? [])];
  const interruption = new Interruption();
  let waits = 0;
  const context: Context = {
    programName: 'pyflight',
    argv,
    api: fakeApi(world, result),
    out: (content) => {
      result.out += Buffer.from(content).toString();
    },
    note: (line) => {
      result.notes += `${line}\n`;
    },
    status: undefined,
    style: PLAIN,
    hasEmoji: true,
    columns: undefined,
    ask: world.typed === undefined ? undefined : async () => typed.shift(),
    input: {
      isTerminal: false,
      openTerminal: undefined,
      columns: () => undefined,
      stream: Readable.from((world.lines ?? []).map((line) => `${line}\n`)),
      show: () => undefined,
    },
    session: undefined,
    now: () => new Date(0),
    verbosity: 0,
    onInterrupt: (listener) => interruption.onInterrupt(listener),
    takeInterrupts: (taker) => interruption.take(taker),
    wait: async () => {
      waits += 1;
      return waits >= (world.interruptedWait ?? 1) ? 'interrupted' : 'elapsed';
    },
    ...world.context,
  };
  const status = await dispatch(context);
  return { ...result, status };
}

function fakeApi(
  world: FakeWorld,
  { files, calls }: { files: Map<string, string>; calls: string[] },
): Context['api'] {
  const {
    snapshots = [],
    processes = [],
    coreFacts,
    decompression = [],
    lackingFiles = [],
    storedCores,
  } = world;
  let looks = 0;
  return {
    attach: async (pid, options) => {
      calls.push(`attach ${pid} ${JSON.stringify(options)}`);
      const [first] = snapshots;
      if (first === undefined) throw new NoSuchProcessError(pid);
      if (first instanceof Error) throw first;
      return {
        facts: first.process,
        snapshot: (wishes: SnapshotOptions = {}) => {
          calls.push(`snapshot ${JSON.stringify(wishes)}`);
          const found = snapshots[Math.min(looks, snapshots.length - 1)] ?? first;
          looks += 1;
          if (found instanceof Error) throw found;
          return found;
        },
        agent: () => Promise.reject(new TypeError('no agent is expected')),
        findAgent: () => Promise.resolve(undefined),
        locks: () => world.locks ?? noLocks(first),
        ...memoryAnswers(world, calls),
        names: () => [],
        sourceOf: () => undefined,
        showsCollections: true,
        checkStoppable: () => calls.push('check stoppable'),
        check: () => {
          if (looks >= (world.ended ?? Number.POSITIVE_INFINITY)) throw new ProcessExitedError(pid);
        },
        [Symbol.dispose]: () => {
          calls.push('close');
        },
      };
    },
    openAgent: () => Promise.reject(new TypeError('no agent is expected')),
    findAgent: () => Promise.resolve(undefined),
    openCore: async (path, { signal: _, onProgress, onFacts, ...options } = {}) => {
      calls.push(`core ${path} ${JSON.stringify(options)}`);
      for (const progress of decompression) onProgress?.(progress);
      if (coreFacts !== undefined) onFacts?.(coreFacts);
      const [first] = snapshots;
      if (first instanceof Error) throw first;
      if (first === undefined || coreFacts === undefined)
        throw new CannotReadFileError(path, 'there is no such file');
      return {
        facts: first.process,
        coreFacts,
        lackingFiles,
        snapshot: (wishes = {}) => {
          calls.push(`snapshot ${JSON.stringify(wishes)}`);
          return first;
        },
        agent: () => Promise.reject(new TypeError('no agent is expected')),
        findAgent: () => Promise.resolve(undefined),
        locks: () => world.locks ?? noLocks(first),
        ...memoryAnswers(world, calls),
        [Symbol.dispose]: () => {
          calls.push('close');
        },
      };
    },
    listPythonProcesses: async () => processes,
    findPythonProcess: async (wanted) => processes.find(({ pid }) => pid === wanted),
    canPause: async () => true,
    startShell: async (script, onClosed) => {
      calls.push(`sh -c ${script}`);
      let text = '';
      return {
        write: (more) => {
          text += more;
          if (world.shell?.closes === true) onClosed();
        },
        end: async () => {
          files.set('shell', text);
          return world.shell?.status ?? 0;
        },
      };
    },
    openHistory: async () => ({
      read: () => files.get('history')?.split('\n').slice(0, -1) ?? [],
      append: (line) => {
        files.set('history', `${files.get('history') ?? ''}${line}\n`);
      },
      clear: () => {
        files.delete('history');
      },
    }),
    listEntries: async () => [],
    listStoredCores: async () => storedCores,
    openOutputFile: () => Promise.reject(new TypeError('no output file is expected')),
    startProgram: () => Promise.reject(new TypeError('no program is expected')),
    startSampling: () => Promise.reject(new TypeError('no sampling is expected')),
    openPush: () => Promise.reject(new TypeError('no server is expected')),
    servePage: () => Promise.reject(new TypeError('no page is expected')),
    startGilSampling: () => Promise.reject(new TypeError('no look at the GIL is expected')),
    profiles: () => import('../../src/api/profiles.ts'),
    readHeapFigures: async (path) => {
      const figures = heapFiguresFromJson(JSON.parse(files.get(path) ?? 'null'));
      if (figures === undefined) throw new CannotReadFileError(path, 'it is no summary of a heap');
      return figures;
    },
    writeTextFile: async (path, text) => {
      files.set(path, text);
    },
    findProgram: async () => undefined,
    launch: async () => {
      throw new NoPythonInstalledError();
    },
  };
}

function memoryAnswers(world: FakeWorld, calls: string[]) {
  const { modules, global, instances, holdings, largest, heaps = [] } = world;
  let looks = 0;
  const answer = <Report>(what: string, report: Report | undefined, options: unknown): Report => {
    calls.push(`${what} ${JSON.stringify(options)}`);
    if (report === undefined)
      throw new NoSuchNameError('module shop', 'it is not loaded', 'shop', ['shop.cart']);
    return report;
  };
  const lookAtHeap = (what: string, options: unknown): HeapSummary => {
    looks += 1;
    return answer(what, heaps[looks - 1], options);
  };
  return {
    modules: (options?: ModuleOptions) => answer('modules', modules, options),
    global: (options: GlobalOptions) => answer('global', global, options),
    instances: (options: InstanceOptions) => answer('instances', instances, options),
    holdings: (options: HoldingOptions) => answer('holdings', holdings, options),
    largestObjects: (options?: LargestOptions) => answer('largestObjects', largest, options),
    heapSummary: (options?: HeapSummaryOptions) => lookAtHeap('heapSummary', options),
    heapSummaryInside: async () => lookAtHeap('heapSummaryInside', {}),
  };
}

/** Nobody waits. */
function noLocks({ process, takenAt, pauseNs }: Snapshot): LockReport {
  return { process, takenAt, pauseNs, threads: [], tasks: [], loops: [], deadlocks: [], problems: [] };
}

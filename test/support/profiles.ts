import { FrameTable } from '../../src/profile/frame-table.ts';
import type {
  Profile,
  ProfiledProcess,
  ProfiledThread,
  ProfileFrame,
  SamplingAccount,
} from '../../src/profile/profile.ts';
import { SampleTable } from '../../src/profile/sample-table.ts';
import { EMPTY_STACK, StackTree } from '../../src/profile/stack-tree.ts';
import { WeightedTree } from '../../src/profile/weighted-tree.ts';
import { PYTHON_3_12 } from './snapshots.ts';

/** Looks in a row at a thread: its frames from the outermost call in, as {@link makeProfileFrame} reads them. */
export interface MadeLooks {
  /** `main;work`, or a list where a name holds a semicolon. */
  readonly stack: string | readonly string[];
  readonly looks?: number;
  readonly thread?: number;
  readonly state?: number;
}

/** 100 looks a second. */
export const LOOK_NS = 10_000_000;

/** Makes a process of a profile: number 5010, which runs a shop. */
export function makeProfiledProcess(changes: Partial<ProfiledProcess> = {}): ProfiledProcess {
  return {
    pid: 5010,
    parent: undefined,
    commandLine: ['python3', '/srv/shop/app.py', '--fast'],
    python: PYTHON_3_12,
    searchPath: ['/srv/shop', '/usr/lib/python3.12'],
    ...changes,
  };
}

/** Makes the main thread of the first process. */
export function makeProfiledThread(changes: Partial<ProfiledThread> = {}): ProfiledThread {
  return {
    process: 0,
    interpreterId: 0,
    osThreadId: 5010,
    pthreadId: 0x7f21_e0a3_c740,
    name: 'MainThread',
    isMainThread: true,
    serial: 0,
    sharedBy: 1,
    ...changes,
  };
}

/** Makes the account of a second at 100 Hz, in which nothing went wrong. */
export function makeAccount(changes: Partial<SamplingAccount> = {}): SamplingAccount {
  return {
    mode: 'wall',
    rateHz: 100,
    startedAt: Date.UTC(2026, 2, 1, 12),
    durationNs: 1_000_000_000,
    sweeps: 100,
    missedSweeps: 0,
    samples: 100,
    unsteadySamples: 0,
    tornSamples: 0,
    unreadableSamples: 0,
    sharingThreads: 0,
    sampledProcesses: 1,
    unreadProcesses: [],
    lateness: { medianNs: 60_000, p99Ns: 400_000, mostNs: 1_200_000 },
    sweepTime: { medianNs: 20_000, p99Ns: 50_000, mostNs: 90_000 },
    samplerCpuNs: 12_000_000,
    pausedNs: 0,
    pauses: { medianNs: 0, p99Ns: 0, mostNs: 0 },
    samplesWithoutNative: 0,
    mostTasks: 0,
    tasksRead: 0,
    tasksLost: 0,
    endedBecause: 'duration',
    ...changes,
  };
}

/** `main` is a function in line 1 of `/srv/shop/app.py`, `load@/srv/shop/db.py:12` says where, `[qsort@libc.so.6]` is of C. */
export function makeProfileFrame(text: string): ProfileFrame {
  if (text.startsWith('<') && !text.startsWith('<module>'))
    return { kind: 'marker', name: text, file: '', firstLine: 0, line: 0 };
  const [, native, name = text, file, line] = /^(\[)?(.+?)(?:@(.+?)(?::(\d+))?)?\]?$/su.exec(text) ?? [];
  if (native !== undefined) return { kind: 'native', name, file: file ?? 'libc.so.6', firstLine: 0, line: 0 };
  return {
    kind: 'python',
    name,
    file: file ?? '/srv/shop/app.py',
    firstLine: 1,
    line: Number(line ?? 1),
  };
}

/** Makes a profile of looks, each `main;work;load@/srv/shop/db.py:12`, one after the other in each thread. */
export function makeProfile(looks: readonly MadeLooks[], changes: Partial<Profile> = {}): Profile {
  const frames = new FrameTable();
  const tree = new StackTree();
  const table = new SampleTable();
  const times = new Map<number, number>();
  let samples = 0;
  for (const { stack, looks: count = 1, thread = 0, state = 1 } of looks) {
    let node = EMPTY_STACK;
    for (const text of frameTexts(stack)) node = tree.child(node, frames.indexOf(makeProfileFrame(text)));
    for (let look = 0; look < count; look += 1) {
      const startNs = times.get(thread) ?? 0;
      table.beginSweep(startNs, LOOK_NS);
      table.add(thread, node, state);
      times.set(thread, startNs + LOOK_NS);
    }
    samples += count;
  }
  return {
    processes: [makeProfiledProcess()],
    threads: [makeProfiledThread()],
    frames: frames.frames,
    stacks: tree.columns,
    samples: table.blocks,
    account: makeAccount({ samples, durationNs: Math.max(0, ...times.values()) }),
    ...changes,
  };
}

function frameTexts(stack: MadeLooks['stack']): readonly string[] {
  if (typeof stack !== 'string') return stack;
  return stack === '' ? [] : stack.split(';');
}

/** What was seen in a profile: `main;work 3` for each stack, by name and in order of the alphabet. */
export function namedStacks(profile: Profile): readonly string[] {
  const tree = new WeightedTree(profile);
  return [...tree.seen()]
    .map(
      (stack) =>
        `${tree
          .framesOf(stack)
          .map(({ name }) => name)
          .join(';')} ${tree.own(stack).looks}`,
    )
    .sort();
}

/** A shop that serves, waits in two threads, collects garbage and has names that are hard to write down. */
export const SHOP_PROFILE: Profile = makeProfile(
  [
    { stack: '<module>;serve@/srv/shop/app.py:10;view@/srv/shop/views.py:30', looks: 20, state: 3 },
    {
      stack:
        '<module>;serve@/srv/shop/app.py:10;view@/srv/shop/views.py:31;render@/opt/v/lib/python3.12/site-packages/tpl/core.py:7',
      looks: 40,
      state: 3,
    },
    {
      stack:
        '<module>;serve@/srv/shop/app.py:10;view@/srv/shop/views.py:31;loads@/usr/lib/python3.12/json/__init__.py:9;[qsort@/usr/lib/libc.so.6]',
      looks: 25,
      state: 1,
    },
    { stack: '<module>;serve@/srv/shop/app.py:11;<GC>', looks: 5, state: 9 },
    { stack: ['<module>', 'évaluer<a & "b">@/srv/shop/a;b.py:2', 'line\nbreak'], looks: 10, state: 3 },
    {
      stack: 'run@/usr/lib/python3.12/threading.py:5;wait@/usr/lib/python3.12/queue.py:4',
      looks: 90,
      thread: 1,
      state: 0,
    },
    {
      stack: 'run@/usr/lib/python3.12/threading.py:5;work@/srv/shop/pool.py:4',
      looks: 10,
      thread: 1,
      state: 4,
    },
  ],
  {
    threads: [
      makeProfiledThread(),
      makeProfiledThread({
        osThreadId: 5011,
        name: 'worker <1>',
        isMainThread: false,
        pthreadId: undefined,
        serial: 1,
      }),
    ],
  },
);

/** What a format writes, as one text. */
export function writtenText(parts: Iterable<string | Uint8Array>): string {
  return [...parts].map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString())).join('');
}

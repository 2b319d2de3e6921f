import { toAddress } from '../../src/base/address.ts';
import type { AsyncLoop, AsyncTask, AwaitedPrimitive } from '../../src/model/async-task.ts';
import type { Frame } from '../../src/model/frame.ts';
import type { NativeFrame } from '../../src/model/native-frame.ts';
import type { Variable } from '../../src/model/object-view.ts';
import type { PythonProcess } from '../../src/model/python-process.ts';
import type { PythonVersion } from '../../src/model/python-version.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';

/** CPython 3.12.1, a release build. */
export const PYTHON_3_12: PythonVersion = {
  major: 3,
  minor: 12,
  micro: 1,
  releaseLevel: 'final',
  serial: 0,
  isFreeThreaded: false,
  isDebugBuild: false,
};

/** Makes a frame at line 1 of `/srv/shop/app.py`, in `main`, unless told otherwise. */
export function makeFrame(changes: Partial<Frame> = {}): Frame {
  return {
    address: toAddress(0x7f00_0000_1000),
    codeAddress: toAddress(0x7f00_0000_2000),
    filename: '/srv/shop/app.py',
    name: 'main',
    qualifiedName: 'main',
    firstLine: 1,
    position: at(1),
    isEntry: true,
    sourceLine: undefined,
    variables: undefined,
    ...changes,
  };
}

/** A position on one line, with columns where they are given. */
export function at(line: number, column?: number, endColumn?: number): NonNullable<Frame['position']> {
  return { line, endLine: column === undefined ? undefined : line, column, endColumn };
}

/** Makes a call of `sort_list` in a library, at line 42 of its source. */
export function makeNativeFrame(changes: Partial<NativeFrame> = {}): NativeFrame {
  return {
    pc: toAddress(0x7f00_0000_3040),
    module: { path: '/usr/lib/libsort.so.1', buildId: 'c0ffee' },
    moduleAddress: toAddress(0x3040),
    symbol: 'sort_list',
    symbolOffset: 0x40,
    file: 'sort.c',
    line: 42,
    isInlined: false,
    ...changes,
  };
}

/** Makes the main thread of a process, without frames unless told otherwise. */
export function makeThread(changes: Partial<ThreadStack> = {}): ThreadStack {
  return {
    interpreterId: 0,
    threadState: toAddress(0x5555_0000_1000),
    osThreadId: 5010,
    innerThreadId: undefined,
    pthreadId: toAddress(0x7f21_e0a3_c740),
    kernelName: 'python',
    pythonName: 'MainThread',
    isMainThread: true,
    isTerminated: false,
    gil: 'none',
    isCollectingGarbage: false,
    activity: { state: 'unknown' },
    cpuTimeNs: undefined,
    frames: [],
    native: undefined,
    merged: undefined,
    stackAnchor: undefined,
    problems: [],
    ...changes,
  };
}

/** Makes a snapshot of process 5010 with these threads. */
export function makeSnapshot(threads: readonly ThreadStack[], changes: Partial<Snapshot> = {}): Snapshot {
  return {
    process: {
      pid: 5010,
      innerPid: undefined,
      executable: '/usr/bin/python3.12',
      commandLine: ['python3', '/srv/shop/app.py', '--fast'],
      python: PYTHON_3_12,
    },
    takenAt: '2026-03-01T12:00:00.000Z',
    foundBy: 'symbol _PyRuntime',
    pauseNs: 1_250_000n,
    interpreters: [{ id: 0, address: toAddress(0x5555_0000_0000), isMain: true, isIdle: false }],
    threads,
    nativeThreads: undefined,
    asyncLoops: undefined,
    greenlets: undefined,
    problems: [],
    ...changes,
  };
}

/** Makes a local variable. */
export function local(name: string, value: Variable['value']): Variable {
  return { name, role: 'local', value };
}

/** Makes a process as `pyflight ps` lists it. */
export function makeProcess(changes: Partial<PythonProcess> = {}): PythonProcess {
  return {
    pid: 5010,
    innerPid: undefined,
    version: PYTHON_3_12,
    user: 'shop',
    uptimeSeconds: 3_725,
    cpuSeconds: 12.34,
    residentBytes: 48_300_000,
    container: undefined,
    commandLine: ['python3', '/srv/shop/app.py', '--fast'],
    executable: '/usr/bin/python3.12',
    ...changes,
  };
}

/** Makes a task of asyncio that waits in one frame. */
export function makeTask(changes: Partial<AsyncTask> = {}): AsyncTask {
  return {
    address: toAddress(0x7f00_0001_0000),
    name: 'poll',
    state: 'waiting',
    coroutineName: 'Poller.run',
    frames: [makeFrame()],
    waitsFor: undefined,
    awaitedBy: [],
    origin: undefined,
    problems: [],
    ...changes,
  };
}

/** Makes a lock or queue of asyncio that nobody can hold, unless told otherwise. */
export function makePrimitive(changes: Partial<AwaitedPrimitive> = {}): AwaitedPrimitive {
  return {
    address: toAddress(0x7f00_0004_0000),
    typeName: 'asyncio.queues.Queue',
    isHeld: undefined,
    holders: [],
    areAllHolders: false,
    ...changes,
  };
}

/** Makes an event loop that the main thread runs. */
export function makeLoop(tasks: readonly AsyncTask[], changes: Partial<AsyncLoop> = {}): AsyncLoop {
  return {
    address: toAddress(0x7f00_0002_0000),
    typeName: 'asyncio.unix_events._UnixSelectorEventLoop',
    interpreterId: 0,
    isRunning: true,
    isClosed: false,
    osThreadId: 5010,
    pthreadId: toAddress(0x7f00_0003_0000),
    threadName: 'MainThread',
    turn: undefined,
    tasks,
    ...changes,
  };
}

import { closeSync, constants, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A buffer at a fixed address: what the kernel may write to. */
export interface NativeBuffer {
  readonly bytes: Uint8Array;
  readonly address: bigint;
}

/**
 * The system calls that Node.js has no function for. Each answers what the call returned, or the negated errno.
 * They are synchronous, and those about tracing belong to the one thread that calls them.
 */
export interface Libc {
  /** Copies the `remoteCount` ranges one after the other into one local range; vectors are pairs of address and size. */
  processVmReadv(
    pid: number,
    local: BigUint64Array,
    remote: BigUint64Array | Uint32Array,
    remoteCount: number,
  ): number;
  ptrace(request: number, threadId: number, data: number, address?: number): number;
  /**
   * ptrace(2) with a request that reads or writes the memory at `data`; `address` says more about what it is.
   */
  ptraceTransfer(request: number, threadId: number, data: Uint8Array, address?: number): number;
  /** waitid(2) for one thread. The kernel writes what it has to say into `siginfo`, of 128 bytes. */
  waitid(threadId: number, siginfo: Uint8Array, options: number): number;
  /** sigaction(2): sets what a signal does, and tells what it did before. */
  sigaction(signal: number, action: Uint8Array | undefined, before: Uint8Array | undefined): number;
  /** getxattr(2): the length of what was written into `value`. */
  getExtendedAttribute(path: Uint8Array, name: string, value: Uint8Array): number;
  /** socket(2). */
  socket(domain: number, type: number): number;
  /** connect(2). */
  connect(fd: number, address: Uint8Array): number;
  /** getsockopt(2): the kernel writes the option into `value`. */
  getSocketOption(fd: number, option: number, value: Uint8Array): number;
  /** perf_event_open(2) of events of one thread on any CPU; `attributes` is a `struct perf_event_attr`. */
  openPerfEvent(attributes: Uint8Array, threadId: number, flags: number): number;
  /** timer_create(2); `undefined` where that fails. `event` is a `struct sigevent`. */
  createTimer(clock: number, event: Uint8Array): number | undefined;
  /** timer_settime(2) with a `struct itimerspec`. */
  setTimer(timer: number, times: BigInt64Array): void;
  /** timer_delete(2). */
  deleteTimer(timer: number): void;
  /** sched_getscheduler(2) of the thread that asks. */
  schedulingPolicy(): number;
  /** sched_setscheduler(2) of the thread that asks. */
  setSchedulingPolicy(policy: number, priority: number): number;
  /** sched_setaffinity(2) of the thread that asks: bit n of `cpus` stands for CPU n. */
  setAffinity(cpus: Uint8Array): number;
  /** sched_getaffinity(2) of a thread, 0 for the one that asks. */
  getAffinity(threadId: number, cpus: Uint8Array): number;
  /** pipe2(2), closed when another program begins: where to read, and where to write. */
  pipe(): readonly [number, number] | undefined;
  /** posix_spawn(3) in a session of its own: the process id, which is ours to wait for. */
  spawn(program: SpawnedProgram): number;
  /** dlsym(3): where a function of the C library is. */
  addressOf(name: string): bigint | undefined;
  /** Memory that stays where it is as long as the answer is held. */
  allocate(sizeBytes: number): NativeBuffer;
}

/** A program to be started. */
export interface SpawnedProgram {
  readonly path: string;
  /** The first one is what it is called by. */
  readonly words: readonly string[];
  readonly environment: readonly string[];
  /** Descriptors of ours that it has as 0 and so on. */
  readonly descriptors: readonly number[];
}

/** The type of the argument idtype of waitid(2) that means one thread (include/uapi/linux/wait.h). */
const P_PID = 1;

/** The number of perf_event_open(2), which no C library has a function for (include/uapi/asm-generic/unistd.h; x86-64 has its own). */
const PERF_EVENT_OPEN = process.arch === 'x64' ? 298 : 241;

/** errno of what is not there. */
const ENOSYS = 38;

/** The level of the options of every socket (include/uapi/asm-generic/socket.h). */
const SOL_SOCKET = 1;

/**
 * Loads the foreign function interface, which costs 2 ms where its native part is found at once, else 7; `undefined` where koffi, an optional package, is not
 * installed or has no build for this machine, and where the environment variable PYFLIGHT_NO_FFI asks to do without.
 */
export function loadLibc(): Libc | undefined {
  if (process.env['PYFLIGHT_NO_FFI'] !== undefined) return undefined;
  loaded ??= { libc: bindLibc() };
  return loaded.libc;
}

/** Once per process, since a library cannot be loaded twice to any use; a failure is remembered too. */
let loaded: { readonly libc: Libc | undefined } | undefined;

type Koffi = Pick<typeof import('koffi'), 'load' | 'errno' | 'address'>;

/** Of the koffi whose native part is loaded without it: what the manifest asks for. */
export const KOFFI_VERSION = '3.3.4';

/**
 * Loads koffi's native part itself, which takes a millisecond; koffi would look for it for five more. Anything unusual is
 * left to koffi.
 */
function loadKoffi(): Koffi {
  const require = createRequire(import.meta.url);
  if (process.arch === 'x64' && isForGlibc()) {
    try {
      const native = require('@koromix/koffi-linux-x64/linux_x64/koffi.node');
      if (native.version === KOFFI_VERSION) return native;
    } catch {
      // koffi says better what is wrong, or finds it elsewhere.
    }
  }
  return require('koffi');
}

/** Whether the interpreter that Node.js itself asks for is that of glibc: its name stands behind the program headers. */
function isForGlibc(): boolean {
  const fd = openSync('/proc/self/exe', constants.O_RDONLY);
  try {
    const start = Buffer.alloc(4096);
    return readSync(fd, start) === start.length && start.includes('/ld-linux-x86-64.so.2\0');
  } finally {
    closeSync(fd);
  }
}

/** Makes a function of one of the C library's. */
type Binder = (name: string, result: string, args: string[]) => (...values: unknown[]) => number;

/** glibc has these in a library of their own to 2.33. */
function timersBy(callIfThere: Binder): Pick<Libc, 'createTimer' | 'setTimer' | 'deleteTimer'> {
  const create = callIfThere('timer_create', 'int', ['int', 'void *', 'void *']);
  const setTime = callIfThere('timer_settime', 'int', ['intptr_t', 'int', 'void *', 'void *']);
  const destroy = callIfThere('timer_delete', 'int', ['intptr_t']);
  return {
    createTimer: (clock, event) => {
      const timer = new BigInt64Array(1);
      return create(clock, event, timer) < 0 ? undefined : Number(timer[0]);
    },
    setTimer: (timer, times) => {
      setTime(timer, 0, times, null);
    },
    deleteTimer: (timer) => {
      destroy(timer);
    },
  };
}

/** More than `posix_spawn_file_actions_t` and `posix_spawnattr_t` have, of 80 and 336 bytes in glibc. */
const SPAWN_OBJECT_BYTES = 512;
const POSIX_SPAWN_SETSID = 0x80;
const O_CLOEXEC = 0o2000000;

function startersBy(
  call: Binder,
  allocate: (sizeBytes: number) => NativeBuffer,
): Pick<Libc, 'pipe' | 'spawn'> {
  const bind = () => ({
    initActions: call('posix_spawn_file_actions_init', 'int', ['void *']),
    addDescriptor: call('posix_spawn_file_actions_adddup2', 'int', ['void *', 'int', 'int']),
    destroyActions: call('posix_spawn_file_actions_destroy', 'int', ['void *']),
    initAttributes: call('posix_spawnattr_init', 'int', ['void *']),
    setFlags: call('posix_spawnattr_setflags', 'int', ['void *', 'short']),
    spawn: call('posix_spawn', 'int', ['void *', 'str', 'void *', 'void *', 'void *', 'void *']),
    pipe: call('pipe2', 'int', ['void *', 'int']),
  });
  // Few runs need them.
  let bound: ReturnType<typeof bind> | undefined;
  /** An array of pointers that a null pointer ends, and behind it what they lead to. */
  const pointersTo = (texts: readonly string[]): Uint8Array => {
    const strings = texts.map((text) => Buffer.from(`${text}\0`));
    const tableBytes = BigUint64Array.BYTES_PER_ELEMENT * (strings.length + 1);
    const { bytes, address } = allocate(strings.reduce((sum, { length }) => sum + length, tableBytes));
    const table = new BigUint64Array(bytes.buffer, 0, strings.length + 1).fill(0n);
    let end = tableBytes;
    for (const [at, string] of strings.entries()) {
      table[at] = address + BigInt(end);
      bytes.set(string, end);
      end += string.length;
    }
    return bytes;
  };
  return {
    pipe: () => {
      bound ??= bind();
      const ends = new Int32Array(2);
      return bound.pipe(ends, O_CLOEXEC) < 0 ? undefined : [ends[0] ?? -1, ends[1] ?? -1];
    },
    spawn: ({ path, words, environment, descriptors }) => {
      bound ??= bind();
      const [actions, attributes] = [allocate(SPAWN_OBJECT_BYTES).bytes, allocate(SPAWN_OBJECT_BYTES).bytes];
      bound.initActions(actions);
      for (const [at, fd] of descriptors.entries()) bound.addDescriptor(actions, fd, at);
      bound.initAttributes(attributes);
      bound.setFlags(attributes, POSIX_SPAWN_SETSID);
      const pid = new Int32Array(1);
      const [argv, envp] = [pointersTo(words), pointersTo(environment)];
      const error = bound.spawn(pid, path, actions, attributes, argv, envp);
      bound.destroyActions(actions);
      return error === 0 ? (pid[0] ?? 0) : -error;
    },
  };
}

function bindLibc(): Libc | undefined {
  let koffi: Koffi;
  try {
    koffi = loadKoffi();
  } catch {
    return undefined;
  }
  const library = koffi.load(null);
  const call: Binder = (name, result, args) => {
    const native = library.func(name, result, args);
    return (...values) => {
      const answer = Number(native(...values));
      return answer === -1 ? -koffi.errno() : answer;
    };
  };
  const callIfThere: Binder = (...signature) => {
    try {
      return call(...signature);
    } catch {
      return () => -ENOSYS;
    }
  };
  // koffi knows no ssize_t and no size_t; intptr_t and uintptr_t are of the same size.
  const readv = call('process_vm_readv', 'intptr_t', ['int', 'void *', 'ulong', 'void *', 'ulong', 'ulong']);
  const ptrace = call('ptrace', 'long', ['int', 'int', 'intptr_t', 'intptr_t']);
  const ptraceTransfer = call('ptrace', 'long', ['int', 'int', 'intptr_t', 'void *']);
  const waitid = call('waitid', 'int', ['int', 'int', 'void *', 'int']);
  const sigaction = call('sigaction', 'int', ['int', 'void *', 'void *']);
  const socket = call('socket', 'int', ['int', 'int', 'int']);
  const connect = call('connect', 'int', ['int', 'void *', 'uint']);
  const getsockopt = call('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']);
  const getxattr = call('getxattr', 'intptr_t', ['void *', 'str', 'void *', 'uintptr_t']);
  const perfEventOpen = call('syscall', 'long', ['long', 'void *', 'long', 'long', 'long', 'long']);
  const dlsym = call('dlsym', 'uintptr_t', ['void *', 'str']);
  const sched = {
    get: call('sched_getscheduler', 'int', ['int']),
    set: call('sched_setscheduler', 'int', ['int', 'int', 'void *']),
    getAffinity: call('sched_getaffinity', 'int', ['int', 'uintptr_t', 'void *']),
    setAffinity: call('sched_setaffinity', 'int', ['int', 'uintptr_t', 'void *']),
  };
  const allocate = (sizeBytes: number): NativeBuffer => {
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
    return { bytes, address: koffi.address(bytes) };
  };
  return {
    processVmReadv: (pid, local, remote, remoteCount) => readv(pid, local, 1, remote, remoteCount, 0),
    ptrace: (request, threadId, data, address = 0) => ptrace(request, threadId, address, data),
    ptraceTransfer: (request, threadId, data, address = 0) =>
      ptraceTransfer(request, threadId, address, data),
    waitid: (threadId, siginfo, options) => waitid(P_PID, threadId, siginfo, options),
    sigaction: (signal, action, before) => sigaction(signal, action ?? null, before ?? null),
    getExtendedAttribute: (path, name, value) =>
      getxattr(Buffer.concat([path, new Uint8Array(1)]), name, value, value.length),
    socket: (domain, type) => socket(domain, type, 0),
    connect: (fd, address) => connect(fd, address, address.length),
    getSocketOption: (fd, option, value) =>
      getsockopt(fd, SOL_SOCKET, option, value, Uint32Array.of(value.length)),
    openPerfEvent: (attributes, threadId, flags) =>
      perfEventOpen(PERF_EVENT_OPEN, attributes, threadId, -1, -1, flags),
    ...timersBy(callIfThere),
    ...startersBy(callIfThere, allocate),
    schedulingPolicy: () => sched.get(0),
    setSchedulingPolicy: (policy, priority) => sched.set(0, policy, Int32Array.of(priority)),
    setAffinity: (cpus) => sched.setAffinity(0, cpus.length, cpus),
    getAffinity: (threadId, cpus) => sched.getAffinity(threadId, cpus.length, cpus),
    addressOf: (name) => {
      const address = dlsym(null, name);
      return address > 0 ? BigInt(address) : undefined;
    },
    allocate,
  };
}

import { isAddress, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import type { ThreadActivity } from '../../model/thread-stack.ts';

/** What a blocked system call waits for, as its arguments and the memory that they point to say. */
export interface CallArguments {
  /** Descriptors of which one must become ready. */
  readonly descriptors: readonly number[];
  /** A descriptor that stands for those that it watches. */
  readonly epoll: number | undefined;
  /** The child that must end, as the process numbers it; `any` for whichever ends first. */
  readonly child: number | 'any' | undefined;
  /** After which time it ends by itself: from its start, or on the clock that never jumps. */
  readonly time: CallTime | undefined;
}

/** A time after which a call ends. */
export type CallTime =
  | { readonly kind: 'duration'; readonly seconds: number }
  | { readonly kind: 'monotonic'; readonly seconds: number };

type Blocked = Extract<ThreadActivity, { readonly state: 'blocked' }>;
type Describe = (memory: Memory, args: readonly bigint[]) => Partial<CallArguments>;

/** Reads what a blocked call waits for, as far as that is known of it. */
export function readCallArguments(memory: Memory, { syscallName = '', args }: Blocked): CallArguments {
  const nothing = { descriptors: [], epoll: undefined, child: undefined, time: undefined };
  if (FIRST_IS_DESCRIPTOR.has(syscallName)) return { ...nothing, descriptors: [intAt(args, 0)] };
  const describe = CALLS[syscallName];
  return { ...nothing, ...(describe === undefined ? {} : readIfSound(() => describe(memory, args))) };
}

const FIRST_IS_DESCRIPTOR: ReadonlySet<string> = new Set(
  'read write readv writev pread64 pwrite64 preadv pwritev recvfrom recvmsg recvmmsg sendto sendmsg accept accept4 connect flock fsync fdatasync fcntl ioctl'.split(
    ' ',
  ),
);

const CALLS: Readonly<Record<string, Describe>> = {
  poll: (memory, args) => ({
    descriptors: polledAt(memory, args),
    time: millisecondsOf(intAt(args, 2)),
  }),
  ppoll: (memory, args) => ({
    descriptors: polledAt(memory, args),
    time: timeAt(memory, args[2], NANOSECONDS),
  }),
  select: (memory, args) => ({
    descriptors: selectedAt(memory, args),
    time: timeAt(memory, args[4], MICROSECONDS),
  }),
  pselect6: (memory, args) => ({
    descriptors: selectedAt(memory, args),
    time: timeAt(memory, args[4], NANOSECONDS),
  }),
  epoll_wait: (_, args) => ({ epoll: intAt(args, 0), time: millisecondsOf(intAt(args, 3)) }),
  epoll_pwait: (_, args) => ({ epoll: intAt(args, 0), time: millisecondsOf(intAt(args, 3)) }),
  epoll_pwait2: (memory, args) => ({ epoll: intAt(args, 0), time: timeAt(memory, args[3], NANOSECONDS) }),
  nanosleep: (memory, args) => ({ time: timeAt(memory, args[0], NANOSECONDS) }),
  clock_nanosleep: (memory, args) => ({ time: clockTime(memory, args) }),
  wait4: (_, args) => ({ child: intAt(args, 0) > 0 ? intAt(args, 0) : 'any' }),
  waitid: (_, args) => ({ child: intAt(args, 0) === P_PID ? intAt(args, 1) : 'any' }),
};

/** waitid(2). */
const P_PID = 1;
/** CLOCK_MONOTONIC and TIMER_ABSTIME, linux/time.h. */
const MONOTONIC = 1;
const ABSOLUTE = 1;

/** Units of the second word of a `struct timespec` and a `struct timeval`. */
const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/** An argument that is a C int: the kernel looks at its low half only. */
function intAt(args: readonly bigint[], index: number): number {
  return Number(BigInt.asIntN(32, args[index] ?? 0n));
}

function millisecondsOf(milliseconds: number): CallTime | undefined {
  return milliseconds < 0 ? undefined : { kind: 'duration', seconds: milliseconds / 1000 };
}

/** NULL stands for ever. */
function timeAt(memory: Memory, pointer: bigint | undefined, unitsPerSecond: number): CallTime | undefined {
  const address = Number(pointer ?? 0n);
  if (address === 0 || !isAddress(address)) return undefined;
  const struct = new StructView(memory.read(address, 16), 'struct timespec', address);
  return { kind: 'duration', seconds: struct.ssize(0) + struct.ssize(8) / unitsPerSecond };
}

function clockTime(memory: Memory, args: readonly bigint[]): CallTime | undefined {
  const time = timeAt(memory, args[2], NANOSECONDS);
  if (time === undefined || (intAt(args, 1) & ABSOLUTE) === 0) return time;
  // What another clock will say is no time to wait.
  return intAt(args, 0) === MONOTONIC ? { kind: 'monotonic', seconds: time.seconds } : undefined;
}

/** More than this are not read: nobody would look at their names. */
const MOST_DESCRIPTORS = 1024;
/** `struct pollfd`: an int and two shorts. */
const POLLFD_BYTES = 8;

/** A negative one is passed over, poll(2). */
function polledAt(memory: Memory, args: readonly bigint[]): readonly number[] {
  const address = Number(args[0] ?? 0n);
  const count = Math.min(Number(args[1] ?? 0n), MOST_DESCRIPTORS);
  if (!isAddress(address) || count === 0) return [];
  const struct = new StructView(memory.read(address, count * POLLFD_BYTES), 'struct pollfd', address);
  const all = Array.from({ length: count }, (_, index) => struct.i32(index * POLLFD_BYTES));
  return all.filter((fd) => fd >= 0);
}

/** Descriptors are bits of up to three sets: to read, to write, exceptions. */
function selectedAt(memory: Memory, args: readonly bigint[]): readonly number[] {
  const count = Math.min(Math.max(intAt(args, 0), 0), MOST_DESCRIPTORS);
  const found = new Set<number>();
  for (const pointer of args.slice(1, 4)) {
    const address = Number(pointer);
    if (address === 0 || !isAddress(address) || count === 0) continue;
    const bytes = memory.read(toAddress(address), Math.ceil(count / 64) * 8);
    for (let fd = 0; fd < count; fd += 1)
      if (((bytes[Math.floor(fd / 8)] ?? 0) & (1 << (fd % 8))) !== 0) found.add(fd);
  }
  return [...found].toSorted((a, b) => a - b);
}

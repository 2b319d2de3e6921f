import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { SEM_LOCK } from '../layouts/sem-lock.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import type { TypedObjects } from '../objects/typed-objects.ts';

/** A semaphore of multiprocessing, as this process has it. */
export interface SemLock {
  readonly address: Address;
  /** Where the semaphore itself is, and where its waiters sleep: in memory that other processes map too. */
  readonly handle: Address;
  /** `threading.get_ident()` of the thread of this process that took it last. */
  readonly lastThread: Address | undefined;
  /** How often this process has taken it and not let go of it, as far as it knows. */
  readonly count: number;
  readonly maxValue: number;
  /** How often it can be taken now; `undefined` where that memory is not at hand, as in most cores. */
  readonly value: number | undefined;
}

const TYPE = '_multiprocessing.SemLock';
/** The C library of musl keeps in the sign whether anybody waits. */
const VALUE_BITS = 0x7fff_ffff;

/** Reads the semaphore of multiprocessing at an address; `undefined` when something else lies there. */
export function readSemLock(objects: TypedObjects, address: Address): SemLock | undefined {
  const { builtInTypes, basicSize } = objects.typeOf(address);
  if (builtInTypes[0] !== TYPE) return undefined;
  const start = objects.layout.object.sizeBytes;
  // A build whose struct is smaller is not guessed at.
  if (basicSize < start + SEM_LOCK.leastBytes) return undefined;
  const struct = readStruct(objects.memory, address, start + SEM_LOCK.leastBytes, 'SemLockObject');
  const handle = struct.requiredPointer(start + SEM_LOCK.handle);
  return {
    address,
    handle,
    lastThread: struct.pointer(start + SEM_LOCK.lastThread),
    count: struct.i32(start + SEM_LOCK.count),
    maxValue: struct.i32(start + SEM_LOCK.maxValue),
    value: readIfSound(() => readStruct(objects.memory, handle, 4, 'sem_t').u32(0) & VALUE_BITS),
  };
}

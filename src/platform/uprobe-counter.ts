import { closeSync, readSync } from 'node:fs';
import type { Address } from '../base/address.ts';
import { CannotCountError } from '../base/cannot-count-error.ts';
import { StructWriter } from '../base/struct-writer.ts';
import { silently } from './errno.ts';
import type { Libc, NativeBuffer } from './libc.ts';
import type { MemoryMapping } from './proc/maps.ts';
import { readSystemText } from './system-file.ts';
import { type MappedFile, openMappedFile } from './target-files.ts';

// `struct perf_event_attr` of include/uapi/linux/perf_event.h, as it was when uprobes came (4.17).
const ATTRIBUTES_BYTES = 112;
const TYPE_AT = 0;
const SIZE_AT = 4;
const FLAGS_AT = 40;
const PATH_AT = 56;
const OFFSET_AT = 64;
/** Only what is done outside the kernel: more than that needs more rights. */
const EXCLUDE_KERNEL = 1 << 5;
const EXCLUDE_HYPERVISOR = 1 << 6;
/** The descriptor closes when another program is begun. */
const FD_CLOEXEC = 8;

/** Where the kernel says by which number it knows uprobes. */
const TYPE_FILE = '/sys/bus/event_source/devices/uprobe/type';

// errno of include/uapi/asm-generic/errno-base.h.
const EPERM = 1;
const ESRCH = 3;
const EACCES = 13;

/** An instruction of a process, in a mapped file. */
export interface Instruction {
  readonly address: Address;
  readonly mapping: MemoryMapping;
}

/**
 * Counts how often a thread comes by an instruction. The kernel puts a breakpoint there in this process alone, for as
 * long as the counter is open: it goes with us, however we end.
 */
export class UprobeCounter implements Disposable {
  readonly #count = new BigUint64Array(1);
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(): number {
    if (this.#fd === undefined) return 0;
    readSync(this.#fd, this.#count);
    return Number(this.#count[0] ?? 0n);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Opens counters of instructions of a process. */
export class UprobeCounters implements Disposable {
  readonly #libc: Libc;
  readonly #type: number;
  /** The files that they are in, and their names for the kernel, by the mappings. */
  readonly #files = new Map<MemoryMapping, { readonly file: MappedFile; readonly name: NativeBuffer }>();
  readonly #pid: number;

  /** @throws {CannotCountError} where the kernel has no uprobes */
  constructor(pid: number, libc: Libc) {
    this.#pid = pid;
    this.#libc = libc;
    const type = silently(() => readSystemText(TYPE_FILE));
    if (type === undefined)
      throw new CannotCountError(
        'this kernel has no uprobes for perf_event_open (4.17 and CONFIG_UPROBE_EVENTS)',
      );
    this.#type = Number(type);
  }

  /**
   * Begins to count; `undefined` for a thread that has ended.
   * @throws {CannotCountError} where it is not permitted, or the file is not there any more
   */
  open({ address, mapping }: Instruction, threadId: number): UprobeCounter | undefined {
    const attributes = new StructWriter(ATTRIBUTES_BYTES)
      .u32(TYPE_AT, this.#type)
      .u32(SIZE_AT, ATTRIBUTES_BYTES)
      .u32(FLAGS_AT, EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR)
      .u64(PATH_AT, this.#nameOf(mapping).address)
      .u64(OFFSET_AT, address - mapping.start + mapping.fileOffset);
    const fd = this.#libc.openPerfEvent(attributes.bytes, threadId, FD_CLOEXEC);
    if (fd >= 0) return new UprobeCounter(fd);
    if (fd === -ESRCH) return undefined;
    throw new CannotCountError(refusalOf(-fd));
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#files.values()) file[Symbol.dispose]();
    this.#files.clear();
  }

  #nameOf(mapping: MemoryMapping): NativeBuffer {
    const known = this.#files.get(mapping);
    if (known !== undefined) return known.name;
    const file = openMappedFile(this.#pid, mapping);
    if (file === undefined)
      throw new CannotCountError(`${mapping.path ?? 'the file of its CPython'} cannot be opened any more`);
    const text = Buffer.from(`${file.openPath}\0`);
    const name = this.#libc.allocate(text.length);
    name.bytes.set(text);
    this.#files.set(mapping, { file, name });
    return name;
  }
}

function refusalOf(errno: number): string {
  if (errno === EACCES || errno === EPERM)
    return 'the kernel lets only root, or one with CAP_PERFMON, set uprobes';
  return `the kernel refuses a uprobe (errno ${errno})`;
}

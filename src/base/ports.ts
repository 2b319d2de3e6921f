import type { Address, AddressRange } from './address.ts';
import type { CancelSignal } from './cancellation.ts';
import type { StructView } from './struct-view.ts';

/** Anything addressable: a live process, a core file, or a test's made-up memory. */
export interface Memory {
  /**
   * Reads exactly `sizeBytes` bytes. The caller must not change what it gets: it may be a view of a cache.
   * @throws {UnreadableMemoryError} unless every byte was read
   */
  read(address: Address, sizeBytes: number): Uint8Array;

  /**
   * Reads several ranges with as few system calls as possible; the answer at each index is `undefined`
   * where that range, or a part of it, could not be read.
   */
  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[];

  /**
   * Reads a struct where that is cheaper than by the bytes that `read()` makes; it is named by `name` in messages.
   * @throws {UnreadableMemoryError} unless every byte was read
   */
  readView?(address: Address, sizeBytes: number, name: string): StructView;
}

/**
 * Reads many ranges of a target's memory into one buffer, again and again, with nothing allocated: what is planned stays
 * planned until it is cleared. For readers of the same places thousands of times a second; others ask a `Memory`.
 */
export interface RangeReader {
  /** What was read: planned ranges in their order, maybe with what lies between them. Another array when the buffer had to grow. */
  readonly bytes: Uint8Array;
  /** The same as 32-bit words. */
  readonly words: Uint32Array;
  /** How many bytes are to be read for what was planned until now. */
  readonly plannedBytes: number;
  /** Forgets what was planned. */
  clear(): void;
  /**
   * Plans a range behind those that were planned before, and answers at which byte of the buffer it will be.
   * Address and size are multiples of 8, so that each word of the target is two words of the buffer.
   */
  plan(address: number, sizeBytes: number): number;
  /**
   * Reads the planned ranges in their order, and answers how many bytes came: all, or those before the first range
   * that could not be read.
   * @throws {ProcessExitedError} when the process is gone
   */
  fill(): number;
}

/** Bytes to be put into a target's memory: what a room that may not write says to one that may. */
export interface MemoryWrite {
  readonly address: Address;
  readonly bytes: Uint8Array;
}

/** Bytes that can be read at any offset without loading the whole: a file, or a buffer in a test. */
export interface ByteSource {
  /** What to call it in a message: mostly its path. */
  readonly name: string;
  readonly sizeBytes: number;
  /** @throws {MalformedInputError} when the source ends before `offset + sizeBytes` */
  read(offset: number, sizeBytes: number): Uint8Array;
}

/** Bytes for a server. */
export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Gives up before there is an answer. */
  readonly signal: CancelSignal;
}

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number;
  /** How long it wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** Where it says that the thing has moved to. */
  readonly location: string | undefined;
  /** The beginning of what it says. */
  readonly body: Uint8Array;
}

/** Hands bytes to servers; rejects with why none answered, in a few words. */
export type HttpPost = (request: HttpRequest) => Promise<HttpAnswer>;

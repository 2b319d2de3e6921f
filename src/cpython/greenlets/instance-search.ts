import { type Address, type AddressRange, offsetBy, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readableChunks } from '../discovery/find-version.ts';

/** What may be instances of some types, and how much memory was left out. */
export interface FoundInstances {
  readonly addresses: readonly Address[];
  readonly unsearchedBytes: number;
}

/** Where instances are looked for. */
export interface InstanceSearch {
  readonly ranges: readonly AddressRange[];
  readonly types: ReadonlySet<Address>;
  /** Offset of the pointer to its type in an object. */
  readonly typeOffset: number;
  readonly mostBytes: number;
}

/** More than this are data that look so. */
const MOST_INSTANCES = 1_000_000;

/**
 * Finds all objects of some types in memory by their pointers to them, wherever the interpreter keeps them: it needs no
 * list of the collector, which a running target changes all the time. Whatever else holds such a pointer is found too,
 * so that each must be looked at.
 */
export function findInstances(memory: Memory, search: InstanceSearch): FoundInstances {
  const { types, typeOffset } = search;
  const found = new Set<Address>();
  let unsearchedBytes = 0;
  let leftBytes = search.mostBytes;
  const filter = filterOf(types);
  // Small ones first: objects lie in smaller ones than matrices do.
  for (const range of search.ranges.toSorted((a, b) => a.sizeBytes - b.sizeBytes)) {
    if (range.sizeBytes > leftBytes) {
      unsearchedBytes += range.sizeBytes;
      continue;
    }
    leftBytes -= range.sizeBytes;
    for (const { address, bytes } of readableChunks(memory, [range]))
      for (const at of placesOf(bytes, types, filter))
        if (found.size < MOST_INSTANCES) found.add(offsetBy(address, at - typeOffset));
  }
  return { addresses: [...found], unsearchedBytes };
}

const FILTER_BITS = 16;

/** Which middle bits of an address some type has: it turns nearly all words down at once. */
function filterOf(types: ReadonlySet<Address>): Uint8Array {
  const filter = new Uint8Array(1 << FILTER_BITS);
  for (const type of types) filter[filterIndex(type % 2 ** 32)] = 1;
  return filter;
}

function filterIndex(low: number): number {
  return (low >>> 4) & ((1 << FILTER_BITS) - 1);
}

/** The offsets of aligned words that are one of the addresses. Measured: a GiB takes 0.3 s, most of it the copying. */
function* placesOf(
  bytes: Uint8Array,
  addresses: ReadonlySet<Address>,
  filter: Uint8Array,
): Generator<number> {
  const halves = halvesOf(bytes);
  for (let index = 0; index + 1 < halves.length; index += 2) {
    const low = halves[index] ?? 0;
    if (filter[filterIndex(low)] === 0) continue;
    const word = (halves[index + 1] ?? 0) * 2 ** 32 + low;
    if (Number.isSafeInteger(word) && addresses.has(toAddress(word))) yield index * 4;
  }
}

function halvesOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
}

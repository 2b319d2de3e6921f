/** Names one after the other, each with its NUL, after the empty name. */
export function stringTable(names: readonly string[]): { bytes: Uint8Array; offsetOf(name: string): number } {
  const offsets = new Map([['', 0]]);
  let text = '\0';
  for (const name of names) {
    if (offsets.has(name)) continue;
    offsets.set(name, Buffer.byteLength(text));
    text += `${name}\0`;
  }
  return { bytes: Uint8Array.from(Buffer.from(text)), offsetOf: (name) => offsets.get(name) ?? 0 };
}

/** A symbol to write; numbers are ELF's own. */
export interface SymbolToWrite {
  readonly name: string;
  readonly value?: number | bigint;
  readonly sizeBytes?: number;
  /** STT: 1 object (when left out), 2 function, 4 file, 6 thread-local. */
  readonly type?: number;
  /** STB: 0 local, 1 global (when left out), 2 weak. */
  readonly binding?: number;
  /** SHN: 1 when left out, 0 for a reference, 0xfff1 for a constant. */
  readonly sectionIndex?: number;
}

/** The bytes of a symbol table, its empty entry 0 first, and of its string table. */
export function symbolTable(symbols: readonly SymbolToWrite[]): { symbols: Uint8Array; strings: Uint8Array } {
  const strings = stringTable(symbols.map(({ name }) => name));
  const bytes = new Uint8Array((symbols.length + 1) * 24);
  const view = new DataView(bytes.buffer);
  symbols.forEach((symbol, index) => {
    const at = (index + 1) * 24;
    view.setUint32(at, strings.offsetOf(symbol.name), true);
    view.setUint8(at + 4, ((symbol.binding ?? 1) << 4) | (symbol.type ?? 1));
    view.setUint16(at + 6, symbol.sectionIndex ?? 1, true);
    setWord(view, at + 8, symbol.value ?? 0);
    setWord(view, at + 16, symbol.sizeBytes ?? 0);
  });
  return { symbols: bytes, strings: strings.bytes };
}

/**
 * The bytes of `.gnu.hash` over symbols that come in the order of their buckets, as `inGnuHashOrder` puts them;
 * entry `firstSymbol` of the table is the first of them.
 */
export function gnuHashTable(names: readonly string[], firstSymbol: number, bucketCount: number): Uint8Array {
  const bytes = new Uint8Array(16 + 8 + 4 * bucketCount + 4 * names.length);
  const view = new DataView(bytes.buffer);
  const shift = 6;
  for (const [index, value] of [bucketCount, firstSymbol, 1, shift].entries())
    view.setUint32(4 * index, value, true);
  let bloom = 0n;
  names.forEach((name, index) => {
    const hash = gnuHash(name);
    bloom |= (1n << BigInt(hash % 64)) | (1n << BigInt((hash >>> shift) % 64));
    const bucket = hash % bucketCount;
    const bucketAt = 24 + 4 * bucket;
    if (view.getUint32(bucketAt, true) === 0) view.setUint32(bucketAt, firstSymbol + index, true);
    const next = names[index + 1];
    const isLast = next === undefined || gnuHash(next) % bucketCount !== bucket;
    view.setUint32(24 + 4 * bucketCount + 4 * index, ((hash & ~1) | (isLast ? 1 : 0)) >>> 0, true);
  });
  view.setBigUint64(16, bloom, true);
  return bytes;
}

/** Sorts symbols by their bucket in `.gnu.hash`, as a linker does. */
export function inGnuHashOrder<T extends { readonly name: string }>(
  symbols: readonly T[],
  bucketCount: number,
): T[] {
  return symbols.toSorted(
    (one, other) => (gnuHash(one.name) % bucketCount) - (gnuHash(other.name) % bucketCount),
  );
}

/** The bytes of `.hash` over all entries of a symbol table; `names` begins with that of entry 1. */
export function sysvHashTable(names: readonly string[], bucketCount: number): Uint8Array {
  const words = new Uint32Array(2 + bucketCount + names.length + 1);
  words[0] = bucketCount;
  words[1] = names.length + 1;
  names.forEach((name, index) => {
    const bucketAt = 2 + (sysvHash(name) % bucketCount);
    words[2 + bucketCount + index + 1] = words[bucketAt] ?? 0;
    words[bucketAt] = index + 1;
  });
  return new Uint8Array(words.buffer);
}

/** The bytes of one note, padded to its alignment. */
export function note(owner: string, type: number, description: Uint8Array, alignment = 4): Uint8Array {
  const ownerBytes = Buffer.from(`${owner}\0`);
  const descriptionAt = align(12 + ownerBytes.length, alignment);
  const bytes = new Uint8Array(align(descriptionAt + description.length, alignment));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ownerBytes.length, true);
  view.setUint32(4, description.length, true);
  view.setUint32(8, type, true);
  bytes.set(ownerBytes, 12);
  bytes.set(description, descriptionAt);
  return bytes;
}

/** The bytes of `.dynamic` with DT_NULL at its end. */
export function dynamicTable(
  entries: readonly (readonly [tag: number, value: number | bigint])[],
): Uint8Array {
  const bytes = new Uint8Array((entries.length + 1) * 16);
  const view = new DataView(bytes.buffer);
  entries.forEach(([tag, value], index) => {
    setWord(view, index * 16, tag);
    setWord(view, index * 16 + 8, value);
  });
  return bytes;
}

/** The hash of `.gnu.hash`, in the slow and obvious way. */
function gnuHash(name: string): number {
  let hash = 5381n;
  for (const byte of Buffer.from(name)) hash = (hash * 33n + BigInt(byte)) % 2n ** 32n;
  return Number(hash);
}

/** The hash of `.hash`, as the System V ABI spells it. */
function sysvHash(name: string): number {
  let hash = 0n;
  for (const byte of Buffer.from(name)) {
    hash = ((hash << 4n) + BigInt(byte)) & 0xffff_ffffn;
    const top = hash & 0xf000_0000n;
    if (top !== 0n) hash ^= top >> 24n;
    hash &= ~top;
  }
  return Number(hash);
}

/** Writes a 64-bit word. */
export function setWord(view: DataView, at: number, value: number | bigint): void {
  view.setBigUint64(at, BigInt(value), true);
}

/** Rounds an offset up to a multiple. */
export function align(offset: number, unit: number): number {
  return Math.ceil(offset / unit) * unit;
}

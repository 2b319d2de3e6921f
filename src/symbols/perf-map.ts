import { decodeOsString } from '../base/os-string.ts';
import { lastAtOrBefore } from '../base/sorted-search.ts';

/** A piece of code that a compiler made at run time. */
export interface PerfMapEntry {
  readonly name: string;
  /** In the target's memory, unlike the addresses of a file. */
  readonly start: number;
  readonly sizeBytes: number;
}

/** Lines behind this many are left out: a map grows as long as its process compiles. */
const MAX_LINES = 2 ** 22;

const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * The map that a just-in-time compiler writes for perf (Linux, tools/perf/Documentation/jit-interface.txt), one line
 * for each piece of code; CPython 3.12 and later do so with `-X perf`. Where lines overlap the later one holds, since
 * memory is used again. Lines that are none are passed over. Names are decoded when they are asked for.
 */
export class PerfMap {
  readonly #bytes: Uint8Array;
  #index: MapIndex | undefined;

  /** @param bytes the whole of the file, which is kept, and parsed when something is looked up */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Finds what was compiled to an address of the target. */
  find(address: number): PerfMapEntry | undefined {
    this.#index ??= indexOf(this.#bytes);
    const { lines, boundaries, holders } = this.#index;
    const line = (holders[lastAtOrBefore(boundaries, address)] ?? 0) - 1;
    if (line < 0) return undefined;
    const { starts, ends, nameAts } = lines;
    const start = starts[line] ?? 0;
    const nameAt = nameAts[line] ?? 0;
    return {
      name: decodeOsString(this.#bytes.subarray(nameAt, endOfLine(this.#bytes, nameAt))).trimEnd(),
      start,
      sizeBytes: (ends[line] ?? 0) - start,
    };
  }
}

interface MapIndex {
  readonly lines: MapLines;
  /** The addresses at which another line begins to hold, in ascending order. */
  readonly boundaries: Float64Array;
  /** For each of them the position of the line, plus 1; 0 for none. */
  readonly holders: Uint32Array;
}

function indexOf(bytes: Uint8Array): MapIndex {
  const lines = parseLines(bytes);
  const boundaries = boundariesOf(lines);
  return { lines, boundaries, holders: holdersOf(boundaries, lines) };
}

/** A column for each part of a line. */
interface MapLines {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Where the name begins in the bytes. */
  readonly nameAts: Float64Array;
}

function parseLines(bytes: Uint8Array): MapLines {
  const starts: number[] = [];
  const ends: number[] = [];
  const nameAts: number[] = [];
  for (let at = 0; at < bytes.length && starts.length < MAX_LINES; at = endOfLine(bytes, at) + 1) {
    const line = parseLine(bytes, at);
    if (line === undefined) continue;
    starts.push(line.start);
    ends.push(line.end);
    nameAts.push(line.nameAt);
  }
  return {
    starts: Float64Array.from(starts),
    ends: Float64Array.from(ends),
    nameAts: Float64Array.from(nameAts),
  };
}

// 7f2f8a5c1000 b1 py::fib:/srv/app.py
function parseLine(
  bytes: Uint8Array,
  at: number,
): { start: number; end: number; nameAt: number } | undefined {
  const start = parseHex(bytes, at);
  const size = start && parseHex(bytes, start.next);
  if (start === undefined || size === undefined || size.value === 0) return undefined;
  const end = start.value + size.value;
  const isNamed = size.next < bytes.length && bytes[size.next] !== NEWLINE;
  return isNamed && Number.isSafeInteger(end) ? { start: start.value, end, nameAt: size.next } : undefined;
}

/** A number, with `0x` before it or not, and one space behind it. */
function parseHex(bytes: Uint8Array, start: number): { value: number; next: number } | undefined {
  let at = bytes[start] === 0x30 && ((bytes[start + 1] ?? 0) | 0x20) === 0x78 ? start + 2 : start;
  const first = at;
  let value = 0;
  for (let digit = hexDigit(bytes[at]); digit !== undefined; digit = hexDigit(bytes[at])) {
    value = value * 16 + digit;
    at += 1;
  }
  if (at === first || bytes[at] !== SPACE || !Number.isSafeInteger(value)) return undefined;
  return { value, next: at + 1 };
}

function hexDigit(byte = 0): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(NEWLINE, from);
  return end === -1 ? bytes.length : end;
}

function boundariesOf({ starts, ends }: MapLines): Float64Array {
  const all = new Float64Array(2 * starts.length);
  all.set(starts);
  all.set(ends, starts.length);
  all.sort();
  let count = 0;
  for (const boundary of all) {
    if (count > 0 && all[count - 1] === boundary) continue;
    all[count] = boundary;
    count += 1;
  }
  return all.slice(0, count);
}

/**
 * Which line holds from each boundary to the next. The lines are taken from the last to the first, and each gets what
 * is left of its stretch; what is taken already is jumped over, so that lines over lines cost no more than others.
 */
function holdersOf(boundaries: Float64Array, { starts, ends }: MapLines): Uint32Array {
  const holders = new Uint32Array(boundaries.length);
  // For each boundary one from which on there may be free ones, itself when it is free.
  const free = Uint32Array.from({ length: boundaries.length + 1 }, (_, position) => position);
  const nextFree = (from: number): number => {
    let position = from;
    while ((free[position] ?? position) !== position) {
      // Half the way is saved for those who come later.
      free[position] = free[free[position] ?? 0] ?? 0;
      position = free[position] ?? 0;
    }
    return position;
  };
  for (let line = starts.length - 1; line >= 0; line -= 1) {
    const end = lastAtOrBefore(boundaries, ends[line] ?? 0);
    let position = nextFree(lastAtOrBefore(boundaries, starts[line] ?? 0));
    while (position < end) {
      holders[position] = line + 1;
      free[position] = position + 1;
      position = nextFree(position);
    }
  }
  return holders;
}

/** A stretch of code and what happens when it raises. Offsets are bytes from the first instruction. */
export interface HandlerEntry {
  readonly start: number;
  /** Behind the last instruction. */
  readonly end: number;
  readonly target: number;
  /** How many values of the stack the handler finds as they were: they are live in the whole stretch. */
  readonly depth: number;
}

const CODE_UNIT_BYTES = 2;
/** Nothing is nested deeper: CPython's compiler refuses more than 20 blocks, each of which has two handlers. */
const MOST_NESTED = 100;

/**
 * Parses `co_exceptiontable` of 3.11 and later: for each entry start, size, target, and depth times two plus a flag, as
 * varints of six bits a byte, highest first. Source: cpython/InternalDocs/exception_handling.md, 3.14. An entry that
 * is cut off is left out.
 */
export function parseExceptionTable(bytes: Uint8Array): readonly HandlerEntry[] {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 64 + (byte & 63);
    if ((byte & 64) !== 0) continue;
    numbers.push(value);
    value = 0;
  }
  const entries: HandlerEntry[] = [];
  for (let at = 0; at + 3 < numbers.length; at += 4) {
    const [start = 0, size = 0, target = 0, depthAndFlag = 0] = numbers.slice(at, at + 4);
    entries.push({
      start: start * CODE_UNIT_BYTES,
      end: (start + size) * CODE_UNIT_BYTES,
      target: target * CODE_UNIT_BYTES,
      depth: Math.floor(depthAndFlag / 2),
    });
  }
  return entries;
}

/**
 * Lists the handlers of what an instruction is in, innermost first, one for each depth. The table has only the innermost
 * one of each instruction; what lies around it is what its own code is in. That code has handlers of its own too, deeper
 * ones, since it begins with more values on the stack: they are none of ours. Of several at one depth the outermost
 * counts, as a `with` statement, which puts values there, is around all that finds them there.
 */
export function handlersAround(
  table: readonly HandlerEntry[],
  instructionOffset: number,
): readonly HandlerEntry[] {
  const seen = new Set<HandlerEntry>();
  const byDepth = new Map<number, HandlerEntry>();
  let lowest = Number.POSITIVE_INFINITY;
  let offset = instructionOffset;
  while (seen.size < MOST_NESTED) {
    const entry = table.find(({ start, end }) => start <= offset && offset < end);
    if (entry === undefined || seen.has(entry)) break;
    seen.add(entry);
    lowest = Math.min(lowest, entry.depth);
    if (entry.depth === lowest) byDepth.set(entry.depth, entry);
    offset = entry.target;
  }
  return [...byDepth.values()];
}

/** Where the block begins that a handler is for: at the first stretch of code that leads there. */
export function startOfBlock(table: readonly HandlerEntry[], { target }: HandlerEntry): number {
  return Math.min(...table.filter((entry) => entry.target === target).map(({ start }) => start));
}

import {
  type Address,
  type AddressRange,
  END_OF_USER_SPACE,
  offsetBy,
  toAddress,
  WORD_BYTES,
} from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { formatPythonVersion, type PythonVersion } from '../../model/python-version.ts';
import { DEBUG_OFFSETS_COOKIE } from '../layouts/debug-offsets.ts';
import { layoutFor, publishesDebugOffsets } from '../layouts/layout-for.ts';
import type { CPythonRuntime } from '../runtime.ts';
import type { AddressSpace, MappedModule } from './address-space.ts';
import { findVersion, readableChunks } from './find-version.ts';
import { looksLikeInterpreter } from './interpreter-check.ts';
import { hasMainInterpreter, type RuntimeSearch, rootsOf, runtimeAt } from './runtime-candidate.ts';

/** A part of the target's memory that is searched, with the module that it belongs to. */
export interface SearchedPlace {
  readonly module: MappedModule;
  readonly ranges: readonly AddressRange[];
  /** What to call it: `scan of the data of /usr/bin/service`. */
  readonly foundBy: string;
}

/**
 * Looks for a runtime in the data of modules, where no section and no symbol names it: for the cookie of the debug
 * offsets (3.13+), and for a word that points to what holds together as an interpreter.
 */
export function scanModules(
  search: RuntimeSearch,
  modules: readonly MappedModule[],
): CPythonRuntime | undefined {
  for (const module of modules) {
    const place = { module, ranges: module.writableRanges, foundBy: `scan of the data of ${module.path}` };
    const version = findVersion(search.memory, module);
    const found =
      scanForCookie(search, place) ??
      (version === undefined ? undefined : scanForInterpreter(search, place, version));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Looks for the cookie with which a runtime's description of itself begins, from 3.13 on. */
function scanForCookie(search: RuntimeSearch, place: SearchedPlace): CPythonRuntime | undefined {
  for (const { address, bytes } of readableChunks(search.memory, place.ranges)) {
    const found = cookieIn(search, place, { address, bytes });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Looks for the cookie in one piece of a place. */
export function cookieIn(
  search: RuntimeSearch,
  { module, foundBy }: SearchedPlace,
  { address, bytes }: { readonly address: Address; readonly bytes: Uint8Array },
): CPythonRuntime | undefined {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (
    let at = haystack.indexOf(DEBUG_OFFSETS_COOKIE);
    at >= 0;
    at = haystack.indexOf(DEBUG_OFFSETS_COOKIE, at + 1)
  ) {
    if (at % WORD_BYTES !== 0) continue;
    const found = runtimeAt(search, module, offsetBy(address, at), foundBy);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Looks for a word that points to an interpreter of a version. One at the place of `interpreters.head` in a `_PyRuntime`
 * is better than any other, which leads to no more than that interpreter and those after it.
 */
export function scanForInterpreter(
  search: RuntimeSearch,
  { ranges, foundBy }: SearchedPlace,
  version: PythonVersion,
): CPythonRuntime | undefined {
  const name = formatPythonVersion(version);
  if (publishesDebugOffsets(version)) {
    search.attempts.push(`${foundBy}: no _Py_DebugOffsets, by which CPython ${name} is read`);
    return undefined;
  }
  const layout = layoutFor(version);
  const candidates = new InterpreterCandidates(search, layout);
  let fallback: CPythonRuntime | undefined;
  for (const { address, bytes } of readableChunks(search.memory, ranges)) {
    for (const { at, pointer } of candidates.in(bytes)) {
      const found = { version, layout, foundBy, others: [] };
      const runtime = layout.runtime && address + at - layout.runtime.interpretersHead;
      if (runtime !== undefined && runtime >= 0 && isRuntime(search.memory, layout, toAddress(runtime))) {
        return { ...found, roots: rootsOf(layout, toAddress(runtime)) };
      }
      fallback ??= { ...found, roots: { ...NO_ROOTS, interpreters: { interpreter: pointer } } };
    }
    if (candidates.isExhausted) break;
  }
  if (fallback === undefined) search.attempts.push(`${foundBy}: ${candidates.describeFailure(name)}`);
  return fallback;
}

const NO_ROOTS = {
  runtime: undefined,
  currentThreadState: undefined,
  gilWaits: undefined,
  interpreterLock: undefined,
  youngestGeneration: undefined,
} as const;

function isRuntime(memory: Memory, layout: CPythonRuntime['layout'], runtime: Address): boolean {
  return readIfSound(() => hasMainInterpreter(memory, layout, runtime, 'both')) ?? false;
}

/** Pointers are looked at until this many were none to an interpreter: in memory full of pointers, a few seconds. */
const MOST_CANDIDATES = 250_000;
/** Words are looked at in this much memory: the data of a program with all its libraries is a tenth of it. */
const MOST_SCANNED_BYTES = 512 << 20;
/** How many that were none are remembered: the same few thousand types are pointed at again and again. */
const MOST_REFUSED = 1 << 20;

/** The words of scanned memory that point to what holds together as an interpreter. */
class InterpreterCandidates {
  readonly #memory: Memory;
  readonly #layout: CPythonRuntime['layout'];
  readonly #isInData: (address: number) => boolean;
  readonly #refused = new Set<number>();
  #left = MOST_CANDIDATES;
  #leftBytes = MOST_SCANNED_BYTES;

  constructor({ memory, space }: RuntimeSearch, layout: CPythonRuntime['layout']) {
    this.#memory = memory;
    this.#layout = layout;
    this.#isInData = membershipOf(space);
  }

  get isExhausted(): boolean {
    return this.#left <= 0 || this.#leftBytes <= 0;
  }

  *in(bytes: Uint8Array): Generator<{ readonly at: number; readonly pointer: Address }> {
    const halves = halfWordsOf(bytes);
    this.#leftBytes -= bytes.length;
    for (let index = 0; index + 1 < halves.length && this.#left > 0; index += 2) {
      const low = halves[index] ?? 0;
      const high = halves[index + 1] ?? 0;
      if ((low | high) === 0 || low % WORD_BYTES !== 0 || high > HIGHEST_HALF) continue;
      const value = high * 0x1_0000_0000 + low;
      if (!this.#isInData(value) || !this.#isInterpreter(value)) continue;
      yield { at: index * Uint32Array.BYTES_PER_ELEMENT, pointer: toAddress(value) };
    }
  }

  describeFailure(version: string): string {
    return this.isExhausted
      ? `no pointer to an interpreter of CPython ${version} in what was looked at, ${MOST_CANDIDATES} pointers or ${MOST_SCANNED_BYTES >> 20} MiB`
      : `no word of it points to an interpreter of CPython ${version}`;
  }

  #isInterpreter(value: number): boolean {
    if (this.#refused.has(value)) return false;
    if (looksLikeInterpreter(this.#memory, this.#layout, toAddress(value), 'both')) return true;
    this.#left -= 1;
    if (this.#refused.size >= MOST_REFUSED) this.#refused.clear();
    this.#refused.add(value);
    return false;
  }
}

/** The upper half of a pointer into user space. */
const HIGHEST_HALF = END_OF_USER_SPACE / 2 ** 32 - 1;

/** Memory as 32-bit halves: four times faster than reading each through a view. Our hosts are little-endian. */
function halfWordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
}

/** Makes the test whether an address lies in data of the target, where an interpreter may be. */
function membershipOf(space: AddressSpace): (address: number) => boolean {
  const ranges = [
    ...space.modules.flatMap((module) => module.writableRanges),
    ...space.anonymousRanges,
    ...(space.heap === undefined ? [] : [space.heap]),
  ].sort((a, b) => a.address - b.address);
  const lowest = ranges[0]?.address ?? 0;
  const highest = Math.max(0, ...ranges.map(({ address, sizeBytes }) => address + sizeBytes));
  return (address) => {
    if (address < lowest || address >= highest) return false;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = ranges[middle];
      if (range !== undefined && range.address <= address) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low - 1];
    return range !== undefined && address < range.address + range.sizeBytes;
  };
}

import { type Address, END_OF_USER_SPACE, offsetBy, WORD_BYTES } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import { HeapWords } from '../collector/heap-words.ts';
import type { AddressSpace } from '../discovery/address-space.ts';
import { readableChunks } from '../discovery/find-version.ts';
import { runtimeModule } from '../discovery/runtime-module.ts';
import { readInterpreters } from '../interpreters.ts';
import type { Layout } from '../layouts/layout.ts';
import { type CPythonRuntime, readInterpretersHead, readPointer } from '../runtime.ts';
import { ArenaReader } from './arenas.ts';

/** Where a process keeps its list of arenas, to 3.11, where one serves all interpreters. */
export interface ArenaVariables {
  /** The pointer to the list. */
  readonly list: Address;
  /** The count of its places; `undefined` where no symbol names it. */
  readonly length: Address | undefined;
}

/** The arenas of one allocator. */
export interface ArenaList {
  /** The interpreters that it serves; `undefined` when it serves all. */
  readonly interpreterIds: readonly number[] | undefined;
  readonly list: Address;
  readonly length: number;
}

/** Lists grow from 16 arenas to twice as many, again and again: `INITIAL_ARENA_OBJECTS`, cpython/Objects/obmalloc.c. */
const FIRST_LENGTH = 16;
/** 4 TiB of arenas. */
const MOST_ARENAS = 2 ** 22;

/**
 * Finds the variables that hold the list of arenas, to 3.11: by symbol, and in a stripped build by looking through the
 * data of the runtime for a pointer to a list whose arenas are those of a known object and which they know in turn.
 */
export function findArenaVariables(
  space: AddressSpace,
  memory: Memory,
  runtime: CPythonRuntime,
): ArenaVariables | undefined {
  const module = runtimeModule(space, runtime.roots);
  if (module === undefined || runtime.layout.rules.allocator.state !== 'variables') return undefined;
  const list = module.findSymbol('arenas');
  const length = module.findSymbol('maxarenas');
  if (list !== undefined && length !== undefined) return { list, length };
  const known = knownObject(memory, runtime);
  if (known === undefined) return undefined;
  const search = new ListSearch(memory, runtime, known);
  for (const { address, bytes } of readableChunks(memory, module.writableRanges)) {
    const view = new StructView(bytes, 'data');
    for (let at = 0; at + WORD_BYTES <= bytes.length; at += WORD_BYTES)
      if (search.isList(view.u32(at) + view.u32(at + 4) * 2 ** 32))
        return { list: offsetBy(address, at), length: undefined };
  }
  return undefined;
}

/** The dict of modules: small, made at the start, and there as long as the interpreter. */
function knownObject(memory: Memory, { layout, roots }: CPythonRuntime): Address | undefined {
  const interpreter = readInterpretersHead(memory, roots);
  return interpreter && readPointer(memory, offsetBy(interpreter, layout.interpreter.modules));
}

/** Tells a list of arenas from anything else by an object that lies in one of them. */
class ListSearch {
  readonly #reader: ArenaReader;
  readonly #known: Address;
  /** Which arena the object lies in, as its pool says. */
  readonly #index: number;

  constructor(memory: Memory, { layout }: CPythonRuntime, known: Address) {
    const words = new HeapWords(memory);
    const pool = known - (known % layout.rules.allocator.poolBytes);
    this.#reader = new ArenaReader(words, layout);
    this.#known = known;
    this.#index = words.half(pool + layout.pool.arenaIndex);
  }

  isList(address: number): boolean {
    if (
      address < 4096 ||
      address % WORD_BYTES !== 0 ||
      address > END_OF_USER_SPACE ||
      this.#index > MOST_ARENAS
    )
      return false;
    const { start, end } = this.#reader.boundsOf(address, this.#index);
    if (start <= 0 || this.#known < start || this.#known >= end) return false;
    const { poolCount, tornCount } = this.#reader.measure(address, this.#index, this.#index + 1);
    return poolCount > 0 && tornCount === 0;
  }
}

/**
 * Reads where the lists of arenas are: one for all interpreters, or one for each that has an allocator of its own;
 * `undefined` where that is not found.
 */
export function readArenaLists(
  memory: Memory,
  runtime: CPythonRuntime,
  { variables, words }: { readonly variables: ArenaVariables | undefined; readonly words: HeapWords },
): readonly ArenaList[] | undefined {
  if (runtime.layout.rules.allocator.state === 'variables')
    return variables === undefined ? undefined : sharedList(memory, runtime, { variables, words });
  const states = new Map<Address, number[]>();
  for (const { facts } of readInterpreters(memory, runtime, [])) {
    const state = stateOf(memory, runtime, facts.address);
    if (state === undefined) return undefined;
    states.set(state, [...(states.get(state) ?? []), facts.id]);
  }
  return [...states].flatMap(([state, interpreterIds]) => {
    const { list, listLength } = runtime.layout.arenas;
    const first = list === undefined ? undefined : pointerIn(memory, offsetBy(state, list));
    if (first === undefined || listLength === undefined) return [];
    return [{ interpreterIds, list: first, length: countAt(memory, offsetBy(state, listLength)) }];
  });
}

/** How far the pointer to an allocator may lie behind its measured place: debug builds have members more before it. */
const MOST_MOVED_BYTES = 1024;

/** The state of an interpreter's allocator, which may be that of another one; `undefined` when none holds together. */
function stateOf(memory: Memory, { layout }: CPythonRuntime, interpreter: Address): Address | undefined {
  const { allocator } = layout.interpreter;
  if (allocator === undefined) return undefined;
  const place = offsetBy(interpreter, allocator);
  if (layout.rules.allocator.state === 'member') return isState(memory, layout, place) ? place : undefined;
  for (let moved = 0; moved <= MOST_MOVED_BYTES; moved += WORD_BYTES) {
    const state = pointerIn(memory, offsetBy(place, moved));
    if (state !== undefined && isState(memory, layout, state)) return state;
  }
  return undefined;
}

/** `NB_SMALL_SIZE_CLASSES`, cpython/Include/internal/pycore_obmalloc.h, 3.12 to 3.15. */
const SIZE_CLASSES = 32;

/** A state begins with the rings of pools, one for each size: the first pool of each leads back to it. */
function isState(memory: Memory, { pool }: Layout, state: Address): boolean {
  for (let sizeClass = 0; sizeClass < SIZE_CLASSES; sizeClass += 1) {
    // Of a head there is only what says next and previous.
    const next = offsetBy(state, sizeClass * 2 * WORD_BYTES);
    const first = pointerIn(memory, next);
    const before = first && pointerIn(memory, offsetBy(first, pool.previous));
    if (before === undefined || before + pool.next !== next) return false;
  }
  return true;
}

function sharedList(
  memory: Memory,
  { layout }: CPythonRuntime,
  { variables, words }: { readonly variables: ArenaVariables; readonly words: HeapWords },
): readonly ArenaList[] {
  const list = pointerIn(memory, variables.list);
  if (list === undefined) return [];
  const length =
    variables.length === undefined ? lengthOf(words, layout, list) : countAt(memory, variables.length);
  return [{ interpreterIds: undefined, list, length }];
}

/** How long a list is whose length nobody says: as far as it goes on in one of the steps in which lists grow. */
function lengthOf(words: HeapWords, layout: Layout, list: Address): number {
  const reader = new ArenaReader(words, layout);
  let length = FIRST_LENGTH;
  while (length < MOST_ARENAS) {
    const isSound = reader.measure(list, length, 2 * length).tornCount === 0;
    if (!isSound || isEmpty(words, list + length * layout.arenas.sizeBytes, layout.arenas.sizeBytes)) break;
    length *= 2;
  }
  return length;
}

/** Places of a list that are not in use are linked with each other, but for the last. */
function isEmpty(words: HeapWords, place: number, sizeBytes: number): boolean {
  for (let at = 0; at < sizeBytes; at += WORD_BYTES) if (words.word(place + at) > 0) return false;
  return true;
}

function countAt(memory: Memory, address: Address): number {
  return Math.min(new StructView(memory.read(address, 4), 'maxarenas').u32(0), MOST_ARENAS);
}

function pointerIn(memory: Memory, address: Address): Address | undefined {
  return readIfSound(() => readPointer(memory, address));
}

import { type Address, WORD_BYTES, wordStart } from '../../base/address.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';
import { collectingPlace } from '../collecting-place.ts';
import type { InterpreterState } from '../interpreters.ts';
import type { CPythonRuntime, GilWaits } from '../runtime.ts';
import { GilWatch } from './gil-watch.ts';
import { wordAt } from './words.ts';

const ABSENT = -1;

/** What a sweep reads of an interpreter before it reads the threads. */
export class InterpreterWatch {
  readonly id: number;
  readonly address: Address;
  readonly gil: GilWatch;
  /** Where threads sleep that wait for the GIL; `undefined` when that is not known. */
  readonly gilWaits: GilWaits | undefined;
  /** The interpreter that follows in the list, and its first thread state; 0 for none. */
  next = 0;
  threadsHead = 0;
  /**
   * The thread state that collects garbage, 0 for none: the holder of the GIL, which a finalizer may have let go of; without a GIL
   * the thread that has stopped the others to collect, which it does not to run finalizers and to free what is garbage.
   */
  collector = 0;
  /** Counts up when a code object is freed (3.14+); NaN where nothing counts that. */
  codeGeneration = Number.NaN;

  readonly #runtime: CPythonRuntime;
  #nextAt = 0;
  #headAt = 0;
  #collectingAt = ABSENT;
  #stopperAt = ABSENT;
  #generationAt = ABSENT;

  constructor(memory: Memory, runtime: CPythonRuntime, { facts, gilWaits }: InterpreterState) {
    this.gilWaits = gilWaits;
    this.id = facts.id;
    this.address = facts.address;
    this.#runtime = runtime;
    this.gil = GilWatch.of(memory, runtime, facts.address);
  }

  plan(reader: RangeReader): void {
    const { interpreter } = this.#runtime.layout;
    this.gil.plan(reader);
    this.#nextAt = reader.plan(this.address + interpreter.next, WORD_BYTES);
    this.#headAt = reader.plan(this.address + interpreter.threadsHead, WORD_BYTES);
    const collecting = collectingPlace(this.#runtime, this.address);
    this.#collectingAt = collecting === undefined ? ABSENT : planInt(reader, collecting);
    const planMember = (offset: number | undefined) =>
      offset === undefined ? ABSENT : reader.plan(this.address + offset, WORD_BYTES);
    this.#stopperAt = planMember(interpreter.worldStopper);
    this.#generationAt = planMember(interpreter.codeObjectGeneration);
  }

  /** Takes what was read. */
  read(words: Uint32Array): void {
    this.gil.read(words);
    this.next = wordAt(words, this.#nextAt);
    this.threadsHead = wordAt(words, this.#headAt);
    const isCollecting = this.#collectingAt >= 0 && words[this.#collectingAt >>> 2] !== 0;
    this.collector = isCollecting ? this.#onlyRunner(words) : 0;
    if (this.#generationAt >= 0) this.codeGeneration = wordAt(words, this.#generationAt);
  }

  /** The one thread of the interpreter that can run Python; 0 where several can, or none is known. */
  #onlyRunner(words: Uint32Array): number {
    if (this.gil.isInUse) return this.gil.holder;
    return this.#stopperAt >= 0 ? wordAt(words, this.#stopperAt) : 0;
  }
}

/** Plans the word that an int of 4 bytes lies in; answers where the int will be. */
function planInt(reader: RangeReader, address: Address): number {
  const start = wordStart(address);
  return reader.plan(start, WORD_BYTES) + address - start;
}

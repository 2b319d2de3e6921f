import { type Address, toAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import type { HeapWords } from './heap-words.ts';
import { HeldWords, type HoldingShape } from './held-words.ts';

/** Tells which of some objects another object holds, by looking for their addresses among its words. */
export class HeldObjects {
  readonly #objects: ObjectReader;
  readonly #held: HeldWords;
  readonly #wanted: ReadonlySet<number>;
  readonly #shapes = new Map<number, HoldingShape | undefined>();
  /** Bits of addresses that some wanted one has: turns nearly all words down without asking the Set. */
  readonly #filter = new Uint8Array(1 << FILTER_BITS);

  constructor(objects: ObjectReader, words: HeapWords, wanted: ReadonlySet<number>) {
    this.#objects = objects;
    this.#held = new HeldWords(objects, words);
    this.#wanted = wanted;
    for (const address of wanted) this.#filter[filterIndex(address)] = 1;
  }

  /** Those of the wanted objects that an object holds, each once; itself is none of them. */
  in(object: Address, type: Address): ReadonlySet<number> {
    const shape = this.#shapeOf(type);
    if (shape === undefined) return NOTHING;
    const found = new Set<number>();
    this.#held.visit(object, shape, (word) => {
      if (this.#filter[filterIndex(word)] !== 0 && this.#wanted.has(word)) found.add(word);
    });
    return found;
  }

  #shapeOf(address: number): HoldingShape | undefined {
    if (this.#shapes.has(address)) return this.#shapes.get(address);
    const shape = readIfSound(() => this.#held.shapeOf(this.#objects.typeFacts(toAddress(address))));
    this.#shapes.set(address, shape);
    return shape;
  }
}

const FILTER_BITS = 16;
const NOTHING: ReadonlySet<number> = new Set();

function filterIndex(address: number): number {
  return (address >>> 4) & ((1 << FILTER_BITS) - 1);
}

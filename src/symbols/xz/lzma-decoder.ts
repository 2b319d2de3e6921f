import { evenProbabilities, type RangeDecoder } from './range-decoder.ts';

/** How literals and positions share their probabilities, `lc`, `lp` and `pb` of LZMA. */
export interface LzmaProperties {
  readonly literalContextBits: number;
  readonly literalPositionBits: number;
  readonly positionBits: number;
}

const STATES = 12;
/** From this state on the last symbol was a match, so that the next literal differs from what lies at its distance. */
const FIRST_MATCH_STATE = 7;
const MAX_POSITION_STATES = 16;
const LITERAL_PROBABILITIES = 0x300;
const SHORTEST_MATCH = 2;

/** Distances above 127 have their lowest bits in a table of their own. */
const ALIGN_BITS = 4;
const FIRST_DIRECT_SLOT = 14;
const LENGTH_CLASSES = 4;

/** The state after a symbol, by the state before it (LZMA SDK, lzma.txt, "State"). */
const AFTER_LITERAL = [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5] as const;
const afterMatch = (state: number): number => (state < FIRST_MATCH_STATE ? 7 : 10);
const afterRepeat = (state: number): number => (state < FIRST_MATCH_STATE ? 8 : 11);
const afterShortRepeat = (state: number): number => (state < FIRST_MATCH_STATE ? 9 : 11);

/**
 * Decodes the LZMA symbols of chunks into one buffer, which is the dictionary too. Where that does not hold everything,
 * `slide()` makes room and forgets what was decoded long ago.
 */
export class LzmaDecoder {
  readonly #output: Uint8Array;
  #position = 0;
  /** Where the dictionary begins: nothing before it may be repeated. */
  #dictionaryStart = 0;
  #properties: LzmaProperties = { literalContextBits: 0, literalPositionBits: 0, positionBits: 0 };
  #state = 0;
  /** The last four distances, the newest first; 0 repeats the byte before. */
  #distances: [number, number, number, number] = [0, 0, 0, 0];
  #probabilities = new Probabilities(0);

  constructor(output: Uint8Array) {
    this.#output = output;
  }

  /** Where in the buffer the next byte goes. */
  get position(): number {
    return this.#position;
  }

  /** Moves what was decoded last to the front of the buffer, and forgets the rest. */
  slide(keptBytes: number): void {
    const dropped = Math.max(0, this.#position - keptBytes);
    this.#output.copyWithin(0, dropped, this.#position);
    this.#position -= dropped;
    // May be before the buffer: how far the decoder has come since then still counts.
    this.#dictionaryStart -= dropped;
  }

  resetDictionary(): void {
    this.#dictionaryStart = this.#position;
  }

  resetState(properties: LzmaProperties): void {
    this.#properties = properties;
    this.#probabilities = new Probabilities(properties.literalContextBits + properties.literalPositionBits);
    this.#state = 0;
    this.#distances = [0, 0, 0, 0];
  }

  /** The properties that are in force, for a chunk that resets the state and keeps them. */
  get properties(): LzmaProperties {
    return this.#properties;
  }

  /** Takes bytes that are stored as they are. */
  copy(bytes: Uint8Array): void {
    this.#output.set(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** Decodes exactly so many bytes. */
  decode(range: RangeDecoder, sizeBytes: number): void {
    const end = this.#position + sizeBytes;
    while (this.#position < end) this.#decodeSymbol(range, end);
    if (!range.isFinished) throw range.fail('LZMA chunk has more symbols than its size says');
  }

  #decodeSymbol(range: RangeDecoder, end: number): void {
    const probabilities = this.#probabilities;
    const positionState = this.#offset & ((1 << this.#properties.positionBits) - 1);
    const at = this.#state * MAX_POSITION_STATES + positionState;
    if (range.bit(probabilities.isMatch, at) === 0) {
      this.#decodeLiteral(range);
      this.#state = AFTER_LITERAL[this.#state] ?? 0;
      return;
    }
    if (range.bit(probabilities.isRepeat, this.#state) === 0) {
      const length = decodeLength(range, probabilities.matchLength, positionState);
      const distance = this.#decodeDistance(range, Math.min(length, LENGTH_CLASSES - 1));
      this.#distances = [distance, this.#distances[0], this.#distances[1], this.#distances[2]];
      this.#state = afterMatch(this.#state);
      this.#repeat(range, length + SHORTEST_MATCH, end);
      return;
    }
    if (this.#isShortRepeat(range, at)) {
      this.#state = afterShortRepeat(this.#state);
      this.#repeat(range, 1, end);
      return;
    }
    const length = decodeLength(range, probabilities.repeatLength, positionState);
    this.#state = afterRepeat(this.#state);
    this.#repeat(range, length + SHORTEST_MATCH, end);
  }

  get #offset(): number {
    return this.#position - this.#dictionaryStart;
  }

  /** Chooses among the last distances, and tells whether only one byte is repeated. */
  #isShortRepeat(range: RangeDecoder, at: number): boolean {
    const { isRepeat0, isRepeat0Long, isRepeat1, isRepeat2 } = this.#probabilities;
    const [newest, second, third, oldest] = this.#distances;
    if (range.bit(isRepeat0, this.#state) === 0) return range.bit(isRepeat0Long, at) === 0;
    if (range.bit(isRepeat1, this.#state) === 0) this.#distances = [second, newest, third, oldest];
    else if (range.bit(isRepeat2, this.#state) === 0) this.#distances = [third, newest, second, oldest];
    else this.#distances = [oldest, newest, second, third];
    return false;
  }

  #decodeLiteral(range: RangeDecoder): void {
    const { literalContextBits, literalPositionBits } = this.#properties;
    const previous = this.#offset === 0 ? 0 : (this.#output[this.#position - 1] ?? 0);
    const position = this.#offset & ((1 << literalPositionBits) - 1);
    const context = (position << literalContextBits) + (previous >> (8 - literalContextBits));
    const base = context * LITERAL_PROBABILITIES;
    const { literal } = this.#probabilities;
    let node = 1;
    if (this.#state >= FIRST_MATCH_STATE) {
      // As long as the bits are those of the byte at the last distance, they have probabilities of their own.
      let expected = this.#output[this.#sourceOf(range, this.#distances[0])] ?? 0;
      while (node < 0x100) {
        const expectedBit = (expected >> 7) & 1;
        expected <<= 1;
        const bit = range.bit(literal, base + ((1 + expectedBit) << 8) + node);
        node = (node << 1) | bit;
        if (bit !== expectedBit) break;
      }
    }
    while (node < 0x100) node = (node << 1) | range.bit(literal, base + node);
    this.#output[this.#position] = node;
    this.#position += 1;
  }

  #decodeDistance(range: RangeDecoder, lengthClass: number): number {
    const { distanceSlot, distanceLow, distanceAlign } = this.#probabilities;
    const slot = range.tree(distanceSlot, lengthClass << 6, 6);
    if (slot < 4) return slot;
    const lowBits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** lowBits;
    // The tree of slot n begins where that of the slot before it ends, all of them in one table.
    if (slot < FIRST_DIRECT_SLOT) return high + range.reverseTree(distanceLow, high - slot, lowBits);
    const middle = range.direct(lowBits - ALIGN_BITS) * 2 ** ALIGN_BITS;
    return high + middle + range.reverseTree(distanceAlign, 0, ALIGN_BITS);
  }

  #repeat(range: RangeDecoder, length: number, end: number): void {
    let source = this.#sourceOf(range, this.#distances[0]);
    if (length > end - this.#position) throw range.fail('LZMA match runs over the end of its chunk');
    for (let left = length; left > 0; left -= 1) {
      this.#output[this.#position] = this.#output[source] ?? 0;
      this.#position += 1;
      source += 1;
    }
  }

  #sourceOf(range: RangeDecoder, distance: number): number {
    if (distance >= Math.min(this.#offset, this.#position))
      throw range.fail('LZMA match begins before its dictionary');
    return this.#position - distance - 1;
  }
}

interface LengthProbabilities {
  /** Whether it is not short, and then whether it is long. */
  readonly choice: Uint16Array;
  readonly short: Uint16Array;
  readonly middle: Uint16Array;
  readonly long: Uint16Array;
}

/** A length above the shortest one: 3 bits, or 3 bits, or 8. */
function decodeLength(range: RangeDecoder, lengths: LengthProbabilities, positionState: number): number {
  if (range.bit(lengths.choice, 0) === 0) return range.tree(lengths.short, positionState << 3, 3);
  if (range.bit(lengths.choice, 1) === 0) return 8 + range.tree(lengths.middle, positionState << 3, 3);
  return 16 + range.tree(lengths.long, 0, 8);
}

function evenLengths(): LengthProbabilities {
  return {
    choice: evenProbabilities(2),
    short: evenProbabilities(MAX_POSITION_STATES << 3),
    middle: evenProbabilities(MAX_POSITION_STATES << 3),
    long: evenProbabilities(256),
  };
}

class Probabilities {
  readonly literal: Uint16Array;
  readonly isMatch = evenProbabilities(STATES * MAX_POSITION_STATES);
  readonly isRepeat = evenProbabilities(STATES);
  readonly isRepeat0 = evenProbabilities(STATES);
  readonly isRepeat0Long = evenProbabilities(STATES * MAX_POSITION_STATES);
  readonly isRepeat1 = evenProbabilities(STATES);
  readonly isRepeat2 = evenProbabilities(STATES);
  readonly matchLength = evenLengths();
  readonly repeatLength = evenLengths();
  readonly distanceSlot = evenProbabilities(LENGTH_CLASSES << 6);
  readonly distanceLow = evenProbabilities(128);
  readonly distanceAlign = evenProbabilities(1 << ALIGN_BITS);

  constructor(literalBits: number) {
    this.literal = evenProbabilities(LITERAL_PROBABILITIES << literalBits);
  }
}

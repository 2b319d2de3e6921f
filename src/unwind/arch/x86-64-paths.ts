import { type Address, isAddress, WORD_BYTES } from '../../base/address.ts';
import type { CodeReader } from '../code-reader.ts';
import type { CodeStepResult } from '../code-step.ts';
import { REGISTER_ORDER } from './x86-64-code.ts';
import { effectOf } from './x86-64-effects.ts';
import { parseInstruction } from './x86-64-instruction.ts';

const RBP = 6;

/** No instruction is longer. */
const LONGEST_BYTES = 15;
const PIECE_BYTES = 256;

/** The longest functions of a C library, those behind `printf` and `scanf`, have some 2,000. */
const MOST_INSTRUCTIONS = 4096;

/** A place on the way to a return, and where the stack pointer is there. */
interface Way {
  readonly at: number;
  readonly base: CodeStepResult['base'];
  readonly depth: number;
  readonly saved: ReadonlyMap<number, number>;
}

/**
 * Follows a function from a place on to each of its returns, over the calls in between, and tells what each of these ways
 * would take from the stack. The nearest comes first. Not all of them are ways of this function: behind a call that does
 * not return lies another one. Ways that jump to where a register says come last: that may be the end, or a `switch`.
 */
export function* pathsToReturn(reader: CodeReader, start: Address): Generator<CodeStepResult> {
  const code = new CodePieces(reader);
  const seen = new Set<number>();
  const unsure: Way[] = [];
  const ways: Way[] = [{ at: start, base: 'stack-pointer', depth: 0, saved: new Map() }];
  // Grows meanwhile, at its end.
  for (const from of ways) {
    const { way, step } = lineFrom(code, from, seen);
    if (step.kind === 'return' && isPossible(way)) yield resultOf(way);
    else if (step.kind === 'unsure' && isPossible(way)) unsure.push(way);
    else if (step.kind === 'fork') ways.push(...step.ways);
  }
  for (const way of unsure) yield resultOf(way);
}

/** Follows a way to where it forks or ends, or has been before. */
function lineFrom(
  code: CodePieces,
  from: Way,
  seen: Set<number>,
): { readonly way: Way; readonly step: Step } {
  for (let way = from; ; ) {
    if (seen.has(way.at) || seen.size > MOST_INSTRUCTIONS) return { way, step: END };
    seen.add(way.at);
    const step = stepOf(code, way);
    if (step.kind !== 'way') return { way, step };
    way = step.way;
  }
}

type Step =
  | { readonly kind: 'way'; readonly way: Way }
  | { readonly kind: 'fork'; readonly ways: readonly Way[] }
  | { readonly kind: 'return' | 'unsure' | 'end' };

const END: Step = { kind: 'end' };

function stepOf(code: CodePieces, way: Way): Step {
  const instruction = parseInstruction(code.at(way.at));
  if (instruction === undefined) return END;
  const effect = effectOf(instruction);
  const at = way.at + instruction.sizeBytes;
  switch (effect.kind) {
    case 'none':
      return { kind: 'way', way: { ...way, at } };
    case 'move': {
      const saved = effect.popped === undefined ? way.saved : savedAt(way, effect.popped, way.depth);
      return { kind: 'way', way: { ...way, at, depth: way.depth + effect.bytes, saved } };
    }
    case 'load':
      return {
        kind: 'way',
        way: { ...way, at, saved: savedAt(way, effect.register, way.depth + effect.offset) },
      };
    case 'to-frame':
    case 'leave':
      return toFrame({ ...way, at }, effect);
    case 'jump':
      return { kind: 'fork', ways: [{ ...way, at: at + effect.distance }] };
    case 'branch':
      return {
        kind: 'fork',
        ways: [
          { ...way, at },
          { ...way, at: at + effect.distance },
        ],
      };
    case 'jump-to-value':
      return { kind: 'unsure' };
    case 'return':
    case 'end':
      return { kind: effect.kind };
    default:
      return effect satisfies never;
  }
}

/** What lies below where the way began was put there on the way, and so is what the register holds already. */
function savedAt({ saved, base }: Way, register: number, depth: number): ReadonlyMap<number, number> {
  const number = REGISTER_ORDER[register];
  if (number === undefined || (base === 'stack-pointer' && depth < 0)) return saved;
  return new Map(saved).set(number, depth);
}

/** The frame pointer must be the one that the way began with. What was taken from elsewhere is not taken in. */
function toFrame(
  way: Way,
  effect: { readonly kind: 'leave' } | { readonly kind: 'to-frame'; readonly offset: number },
): Step {
  if (way.saved.has(RBP)) return END;
  const onFrame: Way = { ...way, base: 'frame-pointer', saved: new Map() };
  if (effect.kind === 'to-frame') return { kind: 'way', way: { ...onFrame, depth: effect.offset } };
  return { kind: 'way', way: { ...onFrame, depth: WORD_BYTES, saved: new Map([[RBP, 0]]) } };
}

/** What a thread returns to does not lie in what it has not used of its stack. */
function isPossible({ base, depth }: Way): boolean {
  return base === 'frame-pointer' || depth >= 0;
}

function resultOf({ base, depth, saved }: Way): CodeStepResult {
  return { base, returnAddress: depth, stackPointer: depth + WORD_BYTES, saved };
}

/** Code, read in pieces that hold more than one instruction. */
class CodePieces {
  readonly #reader: CodeReader;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(reader: CodeReader) {
    this.#reader = reader;
  }

  /** The bytes from a place on: those of an instruction, or fewer where the code ends. */
  at(address: number): Uint8Array {
    const offset = address - this.#start;
    if (offset >= 0 && offset + LONGEST_BYTES <= this.#bytes.length) return this.#bytes.subarray(offset);
    if (!isAddress(address)) return new Uint8Array();
    const piece = this.#reader.code(address, PIECE_BYTES);
    this.#start = address;
    this.#bytes = piece.length > 0 ? piece : this.#reader.code(address, LONGEST_BYTES);
    return this.#bytes;
  }
}

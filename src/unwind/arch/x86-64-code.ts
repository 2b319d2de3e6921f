import { WORD_BYTES } from '../../base/address.ts';
import type { CodeAround, CodeStepResult } from '../code-step.ts';

const RBP = 6;

/** DWARF numbers of the registers in the order in which instructions number them. */
export const REGISTER_ORDER = [0, 2, 1, 3, 7, RBP, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15];

/** The landing pad of indirect calls, which may come before anything else. */
export const ENDBR64 = [0xf3, 0x0f, 0x1e, 0xfa];
const PUSH_RBP = [0x55];
const POP_RSP = 0x5c;
const MOV_RSP_RBP = [
  [0x48, 0x89, 0xe5],
  [0x48, 0x8b, 0xec],
];

/**
 * Reads an epilogue of x86-64 (`add $8, %rsp; pop %rbx; ret`), which the rest of a function may be, or where a thread
 * stands the beginning of one (`push %rbp; mov %rsp, %rbp`).
 */
export function stepByCode({ after, before, isActivation }: CodeAround): CodeStepResult | undefined {
  return (isActivation ? prologue(after, before) : undefined) ?? epilogue(after);
}

function prologue(after: Uint8Array, before: Uint8Array): CodeStepResult | undefined {
  const entry = beginsWith(after, ENDBR64) ? after.subarray(ENDBR64.length) : after;
  const isEntry =
    beginsWith(entry, PUSH_RBP) && MOV_RSP_RBP.some((move) => beginsWith(entry.subarray(1), move));
  if (isEntry) return fromStackPointer(0, new Map());
  const isPushed = before.at(-1) === PUSH_RBP[0] && MOV_RSP_RBP.some((move) => beginsWith(after, move));
  return isPushed ? fromStackPointer(WORD_BYTES, new Map([[RBP, 0]])) : undefined;
}

function fromStackPointer(returnAddress: number, saved: ReadonlyMap<number, number>): CodeStepResult {
  return { base: 'stack-pointer', returnAddress, stackPointer: returnAddress + WORD_BYTES, saved };
}

/** Follows what only moves the stack pointer up, until the return. */
function epilogue(code: Uint8Array): CodeStepResult | undefined {
  const saved = new Map<number, number>();
  let base: CodeStepResult['base'] = 'stack-pointer';
  let depth = 0;
  let rest = code;
  for (let move = decode(rest); move !== undefined; move = decode(rest)) {
    if (move.kind === 'return')
      return { base, returnAddress: depth, stackPointer: depth + WORD_BYTES, saved };
    if (move.kind === 'leave') {
      base = 'frame-pointer';
      depth = 0;
      saved.clear();
    }
    if (move.saved !== undefined) saved.set(move.saved, depth);
    depth += move.bytes;
    rest = rest.subarray(move.sizeBytes);
  }
  return undefined;
}

/** An instruction of an epilogue. */
interface Move {
  readonly kind: 'return' | 'leave' | 'other';
  /** How long the instruction is. */
  readonly sizeBytes: number;
  /** What it adds to the stack pointer. */
  readonly bytes: number;
  /** The register that it takes from the stack, if one. */
  readonly saved?: number | undefined;
}

function decode(code: Uint8Array): Move | undefined {
  const [first, second = 0] = code;
  if (first === undefined) return undefined;
  if (isPop(first) && first !== POP_RSP) return pop(1, first & 7);
  if (first === 0x41 && isPop(second)) return pop(2, 8 + (second & 7));
  const found = MOVES.find(({ code: start }) => beginsWith(code, start));
  if (found === undefined) return undefined;
  const { code: start, immediateBytes = 0, ...move } = found;
  const sizeBytes = start.length + immediateBytes;
  const immediate = code.subarray(start.length, sizeBytes);
  // A negative number, or one that is cut off, is none of an epilogue.
  if (immediate.length < immediateBytes || (immediate.at(-1) ?? 0) >= 0x80) return undefined;
  return {
    ...move,
    sizeBytes,
    bytes: move.bytes + immediate.reduceRight((sum, byte) => sum * 0x100 + byte, 0),
  };
}

interface KnownMove extends Omit<Move, 'sizeBytes'> {
  readonly code: readonly number[];
  readonly immediateBytes?: number;
}

const MOVES: readonly KnownMove[] = [
  { kind: 'return', code: [0xc3], bytes: WORD_BYTES }, // ret
  { kind: 'return', code: [0xf3, 0xc3], bytes: WORD_BYTES }, // rep ret
  { kind: 'leave', code: [0xc9], bytes: WORD_BYTES, saved: RBP }, // leave
  { kind: 'other', code: [0x48, 0x83, 0xc4], immediateBytes: 1, bytes: 0 }, // add $imm8, %rsp
  { kind: 'other', code: [0x48, 0x81, 0xc4], immediateBytes: 4, bytes: 0 }, // add $imm32, %rsp
  { kind: 'other', code: [0xc5, 0xf8, 0x77], bytes: 0 }, // vzeroupper
];

function pop(sizeBytes: number, register: number): Move {
  return { kind: 'other', sizeBytes, bytes: WORD_BYTES, saved: REGISTER_ORDER[register] };
}

/** The register that code begins with a push of. */
export function pushedRegister(
  code: Uint8Array,
): { readonly sizeBytes: number; readonly register: number } | undefined {
  const [first = 0, second = 0] = code;
  const [sizeBytes, opcode, high] = first === 0x41 ? [2, second, 8] : [1, first, 0];
  const register = REGISTER_ORDER[high + (opcode & 7)];
  return opcode >= 0x50 && opcode <= 0x57 && register !== undefined ? { sizeBytes, register } : undefined;
}

function isPop(byte: number): boolean {
  return byte >= 0x58 && byte <= 0x5f;
}

/** Tells whether bytes end in a call: `e8 rel32`, or `ff /2` with a register or memory operand. */
export function endsInCall(before: Uint8Array): boolean {
  if (before.at(-5) === 0xe8) return true;
  return [2, 3, 4, 6, 7].some((sizeBytes) => {
    const [opcode, operand = 0] = before.subarray(before.length - sizeBytes);
    return before.length >= sizeBytes && opcode === 0xff && indirectCallBytes(operand) === sizeBytes;
  });
}

/** Bytes of `ff` with that ModRM byte when it is a near call; 0 when it is something else. */
function indirectCallBytes(operand: number): number {
  if (((operand >> 3) & 7) !== 2) return 0;
  const mode = operand >> 6;
  const hasIndex = mode !== 3 && (operand & 7) === 4;
  const isPcRelative = mode === 0 && (operand & 7) === 5;
  return 2 + (hasIndex ? 1 : 0) + (isPcRelative ? 4 : ([0, 1, 4, 0][mode] ?? 0));
}

/** Tells whether bytes begin with these. */
export function beginsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

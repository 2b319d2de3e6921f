import { WORD_BYTES } from '../../base/address.ts';
import type { Instruction, Operand } from './x86-64-instruction.ts';

/** What an instruction does to the stack pointer, or to the way that execution takes. */
export type Effect =
  | { readonly kind: 'none' }
  /** The stack pointer moves; `popped` is the register that is taken from where it was. */
  | { readonly kind: 'move'; readonly bytes: number; readonly popped?: number }
  /** A register is loaded from so far above the stack pointer. */
  | { readonly kind: 'load'; readonly register: number; readonly offset: number }
  /** The stack pointer is so far above the frame pointer. */
  | { readonly kind: 'to-frame'; readonly offset: number }
  /** As the epilogue `mov %rbp, %rsp; pop %rbp`. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'return' }
  /** Execution goes on so far behind the instruction. */
  | { readonly kind: 'jump'; readonly distance: number }
  /** It goes on there or behind the instruction. */
  | { readonly kind: 'branch'; readonly distance: number }
  /** It goes on where a register or memory says. */
  | { readonly kind: 'jump-to-value' }
  /** It does not go on, or nobody knows where the stack pointer is then. */
  | { readonly kind: 'end' };

/** The numbers that instructions have for the stack pointer and the frame pointer. */
const RSP = 4;
const RBP = 5;

const NONE: Effect = { kind: 'none' };
const END: Effect = { kind: 'end' };

/** Tells what an instruction does that following a function to its return has to know. */
export function effectOf(instruction: Instruction): Effect {
  const { opcode, operand, isVector } = instruction;
  if (isVector) return NONE;
  if (opcode >= 0x0f00) return effectOfLong(instruction);
  if (opcode >= 0x50 && opcode <= 0x5f) return pushOrPop(instruction);
  if ((opcode >= 0x70 && opcode <= 0x7f) || (opcode >= 0xe0 && opcode <= 0xe3))
    return { kind: 'branch', distance: instruction.immediate };
  const known = BY_OPCODE.get(opcode);
  if (known !== undefined) return known(instruction);
  return operand !== undefined && writesStackPointer(opcode, operand) ? END : NONE;
}

const BY_OPCODE: ReadonlyMap<number, (instruction: Instruction) => Effect> = new Map<
  number,
  (instruction: Instruction) => Effect
>([
  [0x68, () => push()],
  [0x6a, () => push()],
  [0x81, arithmetic],
  [0x83, arithmetic],
  [0x89, ({ operand }) => (operand?.other === RSP ? toStackPointer(operand.register) : NONE)],
  [0x8b, load],
  [0x8d, loadAddress],
  [0x8f, ({ operand }) => popOf(operand?.other)],
  [0x94, ({ highBit }) => (highBit === 0 ? END : NONE)],
  [0x9c, () => push()],
  [0x9d, () => popOf(undefined)],
  [0xbc, ({ highBit }) => (highBit === 0 ? END : NONE)],
  [0xc2, () => ({ kind: 'return' })],
  [0xc3, () => ({ kind: 'return' })],
  [0xc8, () => END],
  [0xc9, () => ({ kind: 'leave' })],
  [0xcc, () => END],
  [0xe9, ({ immediate }) => ({ kind: 'jump', distance: immediate })],
  [0xeb, ({ immediate }) => ({ kind: 'jump', distance: immediate })],
  [0xf4, () => END],
  [0xff, indirect],
]);

function push(): Effect {
  return { kind: 'move', bytes: -WORD_BYTES };
}

function popOf(register: number | undefined): Effect {
  if (register === RSP) return END;
  return { kind: 'move', bytes: WORD_BYTES, ...(register === undefined ? {} : { popped: register }) };
}

function pushOrPop({ opcode, highBit }: Instruction): Effect {
  return opcode < 0x58 ? push() : popOf((opcode & 7) | highBit);
}

/** `add`, `sub` and their like with a number. */
function arithmetic({ operand, immediate }: Instruction): Effect {
  if (operand?.other !== RSP) return NONE;
  if (operand.register === 0) return { kind: 'move', bytes: immediate };
  if (operand.register === 5) return { kind: 'move', bytes: -immediate };
  return operand.register === 7 ? NONE : END;
}

function toStackPointer(from: number | undefined): Effect {
  return from === RBP ? { kind: 'to-frame', offset: 0 } : END;
}

function load({ operand, isWide }: Instruction): Effect {
  if (operand === undefined) return NONE;
  const { register, other, base, displacement } = operand;
  if (register === RSP) return toStackPointer(other);
  return base === RSP && isWide ? { kind: 'load', register, offset: displacement } : NONE;
}

function loadAddress({ operand }: Instruction): Effect {
  if (operand?.register !== RSP) return NONE;
  if (operand.base === RSP) return { kind: 'move', bytes: operand.displacement };
  return operand.base === RBP ? { kind: 'to-frame', offset: operand.displacement } : END;
}

function indirect({ operand }: Instruction): Effect {
  const kind = (operand?.register ?? 0) & 7;
  if (kind === 4) return { kind: 'jump-to-value' };
  if (kind === 6) return push();
  return kind === 2 || kind < 2 ? NONE : END;
}

/** Instructions of more than one byte: jumps, and those with which nothing goes on. */
function effectOfLong({ opcode, operand, immediate }: Instruction): Effect {
  if (opcode >= 0x0f80 && opcode <= 0x0f8f) return { kind: 'branch', distance: immediate };
  if (opcode === 0x0f0b || opcode === 0x0fb9 || opcode === 0x0fff) return END;
  const isConditionalMove = opcode >= 0x0f40 && opcode <= 0x0f4f;
  return isConditionalMove && operand?.register === RSP ? END : NONE;
}

/** Arithmetic from register to register, of which the lowest bits of the opcode say the direction. */
function writesStackPointer(opcode: number, { register, other }: Operand): boolean {
  const isArithmetic = opcode < 0x38;
  if (opcode === 0x87) return register === RSP || other === RSP;
  if (opcode === 0x63 || (isArithmetic && (opcode & 2) !== 0)) return register === RSP;
  return (isArithmetic || opcode === 0xc7) && other === RSP;
}

import { type Address, addressFromHalves, hex } from '../base/address.ts';
import { ByteCursor } from '../base/byte-cursor.ts';
import type { MalformedInputError } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';

/** What a DWARF expression may ask about the frame that it is evaluated for. */
export interface ExpressionContext {
  readonly memory: Pick<Memory, 'read'>;
  /** What a register holds, by its DWARF number; `undefined` when that is not known. */
  register(number: number): bigint | undefined;
  /** What DW_OP_call_frame_cfa pushes. */
  readonly cfa?: Address | undefined;
  /** Load bias of the file that the expression is from, for DW_OP_addr; 0 when left out. */
  readonly bias?: number;
}

/** Expressions of compilers and of signal trampolines take a dozen; a loop in one must end. */
const MAX_STEPS = 10_000;
const MAX_DEPTH = 1_000;

const SOURCE = 'DWARF expression';
const ADDRESS_BITS = 64;

/**
 * Evaluates a DWARF expression to the value on top of its stack, as an unsigned 64-bit number
 * (DWARF 5, 2.5; arithmetic wraps as that of addresses does).
 * @param initial the stack to begin with, top last; the rules of a call frame begin with the CFA
 * @throws {MalformedInputError} for an operation that is unknown or needs what the context does not have
 * @throws {UnreadableMemoryError} when it reads where nothing is
 */
export function evaluateExpression(
  bytes: Uint8Array,
  context: ExpressionContext,
  initial: readonly bigint[] = [],
): bigint {
  const machine = new ExpressionMachine(bytes, context, initial);
  for (let steps = 0; !machine.atEnd; steps += 1) {
    if (steps >= MAX_STEPS) throw machine.fail(`more than ${MAX_STEPS} operations`);
    machine.step();
  }
  return machine.pop();
}

/** The stack and the position of one evaluation. */
class ExpressionMachine {
  readonly cursor: ByteCursor;
  readonly context: ExpressionContext;
  readonly #stack: bigint[];
  readonly #sizeBytes: number;

  constructor(bytes: Uint8Array, context: ExpressionContext, initial: readonly bigint[]) {
    this.cursor = new ByteCursor(bytes, SOURCE);
    this.context = context;
    this.#stack = initial.map(unsigned);
    this.#sizeBytes = bytes.length;
  }

  get atEnd(): boolean {
    return this.cursor.atEnd;
  }

  step(): void {
    const at = this.cursor.offset;
    const code = this.cursor.u8();
    // DW_OP_lit0 to lit31, reg0 to reg31, breg0 to breg31.
    if (code >= 0x30 && code <= 0x4f) this.push(BigInt(code - 0x30));
    else if (code >= 0x50 && code <= 0x6f) this.push(this.register(code - 0x50));
    else if (code >= 0x70 && code <= 0x8f) this.push(this.register(code - 0x70) + signedLeb(this.cursor));
    else {
      const operation = OPERATIONS[code];
      if (operation === undefined) {
        this.cursor.seek(at);
        throw this.fail(`operation ${hex(code)} is unknown or names no value`);
      }
      operation(this);
    }
  }

  push(value: bigint): void {
    if (this.#stack.length >= MAX_DEPTH) throw this.fail(`more than ${MAX_DEPTH} values on the stack`);
    this.#stack.push(unsigned(value));
  }

  pop(): bigint {
    const value = this.#stack.pop();
    if (value === undefined) throw this.fail('the stack is empty');
    return value;
  }

  /** The value that lies `depth` below the top. */
  peek(depth: number): bigint {
    const value = this.#stack.at(-1 - depth);
    if (value === undefined) throw this.fail(`the stack has no value ${depth} below its top`);
    return value;
  }

  register(number: number): bigint {
    const value = this.context.register(number);
    if (value === undefined) throw this.fail(`register ${number} is not known`);
    return value;
  }

  /** Reads a little-endian number of 1 to 8 bytes from the target. */
  dereference(sizeBytes: number): void {
    if (sizeBytes < 1 || sizeBytes > 8) throw this.fail(`${sizeBytes} bytes cannot be read as a number`);
    const where = this.pop();
    const address = addressFromHalves(Number(where & 0xffff_ffffn), Number(where >> 32n));
    if (address === undefined) throw this.fail(`address ${hex(where)} is outside user space`);
    const bytes = this.context.memory.read(address, sizeBytes);
    this.push(bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n));
  }

  jump(distance: number): void {
    const target = this.cursor.offset + distance;
    if (target < 0 || target > this.#sizeBytes) throw this.fail(`jump to ${target} leads outside`);
    this.cursor.seek(target);
  }

  fail(state: string): MalformedInputError {
    return this.cursor.fail(state);
  }
}

type Operation = (machine: ExpressionMachine) => void;

const constant =
  (read: (cursor: ByteCursor) => number | bigint): Operation =>
  (machine) =>
    machine.push(BigInt(read(machine.cursor)));

const unary =
  (compute: (value: bigint) => bigint): Operation =>
  (machine) =>
    machine.push(compute(machine.pop()));

const binary =
  (compute: (left: bigint, right: bigint) => bigint): Operation =>
  (machine) => {
    const right = machine.pop();
    machine.push(compute(machine.pop(), right));
  };

const comparison = (holds: (left: bigint, right: bigint) => boolean): Operation =>
  binary((left, right) => (holds(signed(left), signed(right)) ? 1n : 0n));

const division = (compute: (left: bigint, right: bigint) => bigint): Operation => {
  const divide = binary(compute);
  return (machine) => {
    if (machine.peek(0) === 0n) throw machine.fail('division by zero');
    divide(machine);
  };
};

/** Shifts by 64 or more leave nothing but zeros or the sign, and must not build a huge number first. */
const shift = (compute: (value: bigint, bits: bigint) => bigint): Operation =>
  binary((value, bits) => compute(value, bits < 64n ? bits : 64n));

// Opcodes of DWARF 5, 7.7.1, that leave a value; what names a location instead (DW_OP_piece) is left out.
// DW_OP_div and the comparisons take their operands as signed numbers, DW_OP_mod as unsigned ones.
const OPERATIONS: Readonly<Record<number, Operation>> = {
  3: (machine) => machine.push(machine.cursor.u64() + BigInt(machine.context.bias ?? 0)), // addr
  6: (machine) => machine.dereference(8), // deref
  8: constant((cursor) => cursor.u8()), // const1u
  9: constant((cursor) => cursor.i8()), // const1s
  10: constant((cursor) => cursor.u16()), // const2u
  11: constant((cursor) => cursor.i16()), // const2s
  12: constant((cursor) => cursor.u32()), // const4u
  13: constant((cursor) => cursor.i32()), // const4s
  14: constant((cursor) => cursor.u64()), // const8u
  15: constant((cursor) => cursor.i64()), // const8s
  16: constant(unsignedLeb), // constu
  17: constant(signedLeb), // consts
  18: (machine) => machine.push(machine.peek(0)), // dup
  19: (machine) => void machine.pop(), // drop
  20: (machine) => machine.push(machine.peek(1)), // over
  21: (machine) => machine.push(machine.peek(machine.cursor.u8())), // pick
  22: (machine) => rotate(machine, 2), // swap
  23: (machine) => rotate(machine, 3), // rot
  25: unary((value) => (signed(value) < 0n ? -value : value)), // abs
  26: binary((left, right) => left & right), // and
  27: division((left, right) => signed(left) / signed(right)), // div
  28: binary((left, right) => left - right), // minus
  29: division((left, right) => left % right), // mod
  30: binary((left, right) => left * right), // mul
  31: unary((value) => -value), // neg
  32: unary((value) => ~value), // not
  33: binary((left, right) => left | right), // or
  34: binary((left, right) => left + right), // plus
  35: (machine) => machine.push(machine.pop() + unsignedLeb(machine.cursor)), // plus_uconst
  36: shift((value, bits) => value << bits), // shl
  37: shift((value, bits) => value >> bits), // shr
  38: shift((value, bits) => signed(value) >> bits), // shra
  39: binary((left, right) => left ^ right), // xor
  40: branch, // bra
  41: comparison((left, right) => left === right), // eq
  42: comparison((left, right) => left >= right), // ge
  43: comparison((left, right) => left > right), // gt
  44: comparison((left, right) => left <= right), // le
  45: comparison((left, right) => left < right), // lt
  46: comparison((left, right) => left !== right), // ne
  47: (machine) => machine.jump(machine.cursor.i16()), // skip
  144: (machine) => machine.push(machine.register(machine.cursor.uleb128())), // regx
  146: (machine) => machine.push(machine.register(machine.cursor.uleb128()) + signedLeb(machine.cursor)), // bregx
  148: (machine) => machine.dereference(machine.cursor.u8()), // deref_size
  150: () => undefined, // nop
  156: pushCfa, // call_frame_cfa
  159: () => undefined, // stack_value
};

function branch(machine: ExpressionMachine): void {
  const distance = machine.cursor.i16();
  if (machine.pop() !== 0n) machine.jump(distance);
}

function pushCfa(machine: ExpressionMachine): void {
  const { cfa } = machine.context;
  if (cfa === undefined) throw machine.fail('the CFA is not known');
  machine.push(BigInt(cfa));
}

/** Moves the top to below the `count - 1` values that follow it. */
function rotate(machine: ExpressionMachine, count: number): void {
  const top = machine.pop();
  const others = Array.from({ length: count - 1 }, () => machine.pop());
  machine.push(top);
  for (const value of others.reverse()) machine.push(value);
}

function unsigned(value: bigint): bigint {
  return BigInt.asUintN(ADDRESS_BITS, value);
}

function signed(value: bigint): bigint {
  return BigInt.asIntN(ADDRESS_BITS, value);
}

/** An unsigned LEB128 of which the low 64 bits count: constants of an expression use them all. */
function unsignedLeb(cursor: ByteCursor): bigint {
  return unsigned(lebBits(cursor).value);
}

function signedLeb(cursor: ByteCursor): bigint {
  const { value, bits } = lebBits(cursor);
  return BigInt.asIntN(bits, value);
}

function lebBits(cursor: ByteCursor): { readonly value: bigint; readonly bits: number } {
  let value = 0n;
  for (let bits = 0; ; ) {
    const byte = cursor.u8();
    // Padding may go on for longer than any value needs.
    if (bits < ADDRESS_BITS) value |= BigInt(byte & 0x7f) << BigInt(bits);
    bits += 7;
    if ((byte & 0x80) === 0) return { value, bits: Math.min(bits, ADDRESS_BITS) };
  }
}

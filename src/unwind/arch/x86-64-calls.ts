import { type Address, isAddress, WORD_BYTES } from '../../base/address.ts';
import { ByteCursor } from '../../base/byte-cursor.ts';
import type { CodeReader } from '../code-reader.ts';
import { addressOf } from '../registers.ts';
import { beginsWith, ENDBR64, pushedRegister } from './x86-64-code.ts';

/** `call rel32`, and `call *rel32(%rip)` as `-fno-plt` has it. */
const DIRECT_CALL = { opcode: [0xe8], sizeBytes: 5 };
const SLOT_CALL = { opcode: [0xff, 0x15], sizeBytes: 6 };

/** Entries of a procedure linkage table: `jmp *rel32(%rip)`, perhaps with a prefix bnd and behind an endbr64. */
const STUB_JUMPS = [
  [0xff, 0x25],
  [0xf2, 0xff, 0x25],
];
const STUB_BYTES = 16;

/** Finds the function that the call before an address has called, through the procedure linkage table too. */
export function calledFunction(reader: CodeReader, returnAddress: Address): Address | undefined {
  const slot = operandOf(reader, returnAddress, SLOT_CALL);
  if (slot !== undefined) return wordAt(reader, slot);
  const target = operandOf(reader, returnAddress, DIRECT_CALL);
  return target === undefined ? undefined : throughStub(reader, target);
}

/** What an instruction that ends at an address refers to, relative to its end. */
function operandOf(
  reader: CodeReader,
  end: Address,
  { opcode, sizeBytes }: { readonly opcode: readonly number[]; readonly sizeBytes: number },
): Address | undefined {
  const start = end - sizeBytes;
  if (!isAddress(start)) return undefined;
  const bytes = reader.code(start, sizeBytes);
  if (bytes.length < sizeBytes || !beginsWith(bytes, opcode)) return undefined;
  return relativeTo(end, bytes, opcode.length);
}

function throughStub(reader: CodeReader, target: Address): Address | undefined {
  const code = reader.code(target, STUB_BYTES);
  const prefixBytes = beginsWith(code, ENDBR64) ? ENDBR64.length : 0;
  const jump = STUB_JUMPS.find((bytes) => beginsWith(code.subarray(prefixBytes), bytes));
  if (jump === undefined) return target;
  const operandOffset = prefixBytes + jump.length;
  if (code.length < operandOffset + 4) return undefined;
  const slot = relativeTo(target + operandOffset + 4, code, operandOffset);
  return slot === undefined ? undefined : wordAt(reader, slot);
}

function relativeTo(end: number, bytes: Uint8Array, offset: number): Address | undefined {
  const address = end + new ByteCursor(bytes, 'instruction', offset).i32();
  return isAddress(address) ? address : undefined;
}

function wordAt(reader: CodeReader, address: Address): Address | undefined {
  const value = reader.find(address);
  return value === undefined ? undefined : addressOf(value);
}

/** `xor %ebp, %ebp; pop %rdi; call *%r9`, with which musl's clone() begins a thread. */
const CLONE_CALL = [0x31, 0xed, 0x5f, 0x41, 0xff, 0xd1];

/** `xor %rbp, %rbp`, which the ABI has a program begin with, in the long form that no compiler makes. */
const CLEAR_FRAME_POINTER = [0x48, 0x31, 0xed];

/** Tells whether a call before which nothing was called is the one that these bytes end with. */
export function beginsThread(before: Uint8Array): boolean {
  if (beginsWith(before.subarray(-CLONE_CALL.length), CLONE_CALL)) return true;
  if (before.at(-DIRECT_CALL.sizeBytes) !== DIRECT_CALL.opcode[0]) return false;
  return before.some((_, index) => beginsWith(before.subarray(index), CLEAR_FRAME_POINTER));
}

/** Follows the pushes that a function begins with; instructions between them that are not known end the reading. */
export function savedAtEntry(code: Uint8Array): ReadonlyMap<number, number> {
  const saved = new Map<number, number>();
  let rest = beginsWith(code, ENDBR64) ? code.subarray(ENDBR64.length) : code;
  for (;;) {
    const push = pushedRegister(rest);
    const sizeBytes = push?.sizeBytes ?? moveBytes(rest);
    if (sizeBytes === 0) return saved;
    if (push !== undefined) saved.set(push.register, (saved.size + 1) * WORD_BYTES);
    rest = rest.subarray(sizeBytes);
  }
}

/** `sub $imm8, %rsp` and `sub $imm32, %rsp`. */
const SMALL_RESERVATION = [0x48, 0x83, 0xec];
const LARGE_RESERVATION = [0x48, 0x81, 0xec];
/** `add $-128, %rsp`, which is shorter than its opposite. */
const RESERVATION_OF_128 = [0x48, 0x83, 0xc4, 0x80];

/** Looks for the first instruction that makes room on the stack, among others that are not looked at. */
export function reservedAtEntry(code: Uint8Array): number {
  for (let at = 0; at < code.length; at += 1) {
    const rest = code.subarray(at);
    const operand = new ByteCursor(rest, 'instruction', Math.min(rest.length, SMALL_RESERVATION.length));
    if (beginsWith(rest, RESERVATION_OF_128)) return 128;
    if (beginsWith(rest, SMALL_RESERVATION) && rest.length > 3) return operand.u8();
    if (beginsWith(rest, LARGE_RESERVATION) && rest.length > 6) return operand.u32();
  }
  return 0;
}

/** Bytes of a move from register to register (`mov %rsp, %rbp`), or of clearing one; 0 for anything else. */
function moveBytes(code: Uint8Array): number {
  const [first = 0] = code;
  const prefixBytes = first >= 0x40 && first <= 0x4f ? 1 : 0;
  const [opcode = 0, operand = 0] = code.subarray(prefixBytes);
  const isMove = [0x89, 0x8b, 0x31, 0x33].includes(opcode) && operand >= 0xc0;
  return isMove ? prefixBytes + 2 : 0;
}

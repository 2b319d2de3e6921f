/** An instruction of x86-64, taken apart as far as its length and its operands go. */
export interface Instruction {
  readonly sizeBytes: number;
  /** The opcode of one byte, or with the bytes of its map before it: 0x0f84, 0x0f3810. */
  readonly opcode: number;
  /** Of 64 bits (REX.W). */
  readonly isWide: boolean;
  /** The third bit of a register that the opcode names in its last bits (REX.B). */
  readonly highBit: number;
  /** Coded as vector instructions are, which move no stack pointer. */
  readonly isVector: boolean;
  readonly operand: Operand | undefined;
  /** The last four bytes of its immediate operand at most, with their sign; 0 without one. */
  readonly immediate: number;
}

/** What the byte ModRM says, with those behind it. Registers are numbered as instructions do: rsp is 4, rbp is 5. */
export interface Operand {
  /** The register, or what extends the opcode in its last three bits. */
  readonly register: number;
  /** The other register, where it is one and not memory. */
  readonly other: number | undefined;
  /** The register that the address is counted from; `undefined` with none, with an index, or relative to the instruction. */
  readonly base: number | undefined;
  readonly displacement: number;
}

const PREFIXES: ReadonlySet<number> = new Set([
  0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
]);
const SHORT_OPERANDS = 0x66;

/** Opcodes by range, first and last. Intel's manual, volume 2, appendix A: tables. */
type Ranges = readonly (readonly [number, number])[];

// biome-ignore-start format: tables
const WITHOUT_MEANING: Ranges = [
  [0x06, 0x07],
  [0x0e, 0x0e],
  [0x16, 0x17],
  [0x1e, 0x1f],
  [0x27, 0x27],
  [0x2f, 0x2f],
  [0x37, 0x37],
  [0x3f, 0x3f],
  [0x60, 0x61],
  [0x82, 0x82],
  [0x9a, 0x9a],
  [0xd4, 0xd6],
  [0xea, 0xea],
];
const WITH_OPERAND: Ranges = [
  [0x00, 0x03],
  [0x08, 0x0b],
  [0x10, 0x13],
  [0x18, 0x1b],
  [0x20, 0x23],
  [0x28, 0x2b],
  [0x30, 0x33],
  [0x38, 0x3b],
  [0x63, 0x63],
  [0x69, 0x69],
  [0x6b, 0x6b],
  [0x80, 0x8f],
  [0xc0, 0xc1],
  [0xc6, 0xc7],
  [0xd0, 0xd3],
  [0xd8, 0xdf],
  [0xf6, 0xf7],
  [0xfe, 0xff],
];
const WITHOUT_OPERAND_0F: Ranges = [
  [0x0f05, 0x0f09],
  [0x0f0b, 0x0f0b],
  [0x0f0e, 0x0f0e],
  [0x0f30, 0x0f37],
  [0x0f77, 0x0f77],
  [0x0f80, 0x0f8f],
  [0x0fa0, 0x0fa2],
  [0x0fa8, 0x0faa],
  [0x0fc8, 0x0fcf],
];
/** How many bytes of immediate operand; 4 are 2 with the prefix of short operands. */
const IMMEDIATES: readonly (readonly [number, number, number])[] = [
  [0x04, 0x04, 1],
  [0x0c, 0x0c, 1],
  [0x14, 0x14, 1],
  [0x1c, 0x1c, 1],
  [0x24, 0x24, 1],
  [0x2c, 0x2c, 1],
  [0x34, 0x34, 1],
  [0x3c, 0x3c, 1],
  [0x05, 0x05, 4],
  [0x0d, 0x0d, 4],
  [0x15, 0x15, 4],
  [0x1d, 0x1d, 4],
  [0x25, 0x25, 4],
  [0x2d, 0x2d, 4],
  [0x35, 0x35, 4],
  [0x3d, 0x3d, 4],
  [0x68, 0x69, 4],
  [0x6a, 0x6b, 1],
  [0x70, 0x80, 1],
  [0x81, 0x81, 4],
  [0x83, 0x83, 1],
  [0xa0, 0xa3, 8],
  [0xa8, 0xa8, 1],
  [0xa9, 0xa9, 4],
  [0xb0, 0xb7, 1],
  [0xb8, 0xbf, 4],
  [0xc0, 0xc1, 1],
  [0xc2, 0xc2, 2],
  [0xc6, 0xc6, 1],
  [0xc7, 0xc7, 4],
  [0xc8, 0xc8, 3],
  [0xca, 0xca, 2],
  [0xcd, 0xcd, 1],
  [0xe0, 0xe7, 1],
  [0xe8, 0xe9, 4],
  [0xeb, 0xeb, 1],
  [0x0f70, 0x0f73, 1],
  [0x0f80, 0x0f8f, 4],
  [0x0fa4, 0x0fa4, 1],
  [0x0fac, 0x0fac, 1],
  [0x0fba, 0x0fba, 1],
  [0x0fc2, 0x0fc2, 1],
  [0x0fc4, 0x0fc6, 1],
  [0x0f3a00, 0x0f3aff, 1],
];
// biome-ignore-end format: tables

/** Takes the instruction apart that code begins with; `undefined` for what is none, and one that is cut off. */
export function parseInstruction(code: Uint8Array): Instruction | undefined {
  let at = 0;
  let isShort = false;
  for (; PREFIXES.has(code[at] ?? 0); at += 1) isShort ||= code[at] === SHORT_OPERANDS;
  const rex = ((code[at] ?? 0) & 0xf0) === 0x40 ? (code[at++] ?? 0) : 0;
  const start = opcodeAt(code, at);
  if (start === undefined) return undefined;
  const { opcode, isVector } = start;
  at = start.end;
  const operand = start.hasOperand ? operandAt(code, at, rex) : undefined;
  if (operand !== undefined) at = operand.end;
  const immediateBytes = immediateBytesOf(opcode, { isWide: (rex & 8) !== 0, isShort, operand });
  const end = at + immediateBytes;
  if (end > code.length) return undefined;
  const isWide = (rex & 8) !== 0;
  const immediate = signed(code, at, Math.min(4, immediateBytes));
  return { sizeBytes: end, opcode, isWide, highBit: (rex & 1) << 3, isVector, operand, immediate };
}

interface Opcode {
  readonly opcode: number;
  readonly end: number;
  readonly isVector: boolean;
  readonly hasOperand: boolean;
}

/** The maps of opcodes behind one, two and three bytes. */
const MAPS: readonly number[] = [0, 0x0f00, 0x0f3800, 0x0f3a00];

function opcodeAt(code: Uint8Array, at: number): Opcode | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = code.subarray(at);
  if (first === 0xc5) return vectorOpcode(1, third, at + 3);
  if (first === 0xc4) return vectorOpcode(second & 0x1f, fourth, at + 4);
  if (first === 0x62) return vectorOpcode(second & 7, fifth, at + 5);
  if (first !== 0x0f) {
    if (isIn(WITHOUT_MEANING, first)) return undefined;
    return { opcode: first, end: at + 1, isVector: false, hasOperand: isIn(WITH_OPERAND, first) };
  }
  const [map, opcode, sizeBytes] =
    second === 0x38 ? [2, third, 3] : second === 0x3a ? [3, third, 3] : [1, second, 2];
  const full = (MAPS[map] ?? 0) + opcode;
  return { opcode: full, end: at + sizeBytes, isVector: false, hasOperand: !isIn(WITHOUT_OPERAND_0F, full) };
}

const CLEAR_VECTORS = 0x0f77;

function vectorOpcode(map: number, opcode: number, end: number): Opcode | undefined {
  const start = MAPS[map];
  if (start === undefined || start === 0) return undefined;
  const full = start + opcode;
  return { opcode: full, end, isVector: true, hasOperand: full !== CLEAR_VECTORS };
}

function operandAt(
  code: Uint8Array,
  at: number,
  rex: number,
): (Operand & { readonly end: number }) | undefined {
  const byte = code[at] ?? 0;
  const mode = byte >> 6;
  const low = byte & 7;
  const register = ((byte >> 3) & 7) | ((rex & 4) << 1);
  const high = (rex & 1) << 3;
  if (mode === 3) return { register, other: low | high, base: undefined, displacement: 0, end: at + 1 };
  const scaled = low === 4 ? (code[at + 1] ?? 0) : undefined;
  const start = at + (scaled === undefined ? 1 : 2);
  const isBare = mode === 0 && (scaled === undefined ? low : scaled & 7) === 5;
  const sizeBytes = isBare ? 4 : ([0, 1, 4][mode] ?? 0);
  const hasIndex = scaled !== undefined && (((scaled >> 3) & 7) !== 4 || (rex & 2) !== 0);
  const base = isBare || hasIndex ? undefined : ((scaled ?? low) & 7) | high;
  return {
    register,
    other: undefined,
    base,
    displacement: signed(code, start, sizeBytes),
    end: start + sizeBytes,
  };
}

interface Form {
  readonly isWide: boolean;
  readonly isShort: boolean;
  readonly operand: Operand | undefined;
}

function immediateBytesOf(opcode: number, { isWide, isShort, operand }: Form): number {
  // `test` among the instructions of one operand.
  const isTest = (opcode === 0xf6 || opcode === 0xf7) && ((operand?.register ?? 2) & 7) < 2;
  const sizeBytes = isTest
    ? opcode === 0xf6
      ? 1
      : 4
    : (IMMEDIATES.find(([first, last]) => first <= opcode && opcode <= last)?.[2] ?? 0);
  if (isWide && opcode >= 0xb8 && opcode <= 0xbf) return 8;
  const isJump = opcode === 0xe8 || opcode === 0xe9 || opcode >= 0x0f00;
  return sizeBytes === 4 && isShort && !isJump ? 2 : sizeBytes;
}

/** A number of up to four bytes, with its sign. */
function signed(code: Uint8Array, at: number, sizeBytes: number): number {
  if (sizeBytes === 0) return 0;
  let value = 0;
  for (let index = 0; index < sizeBytes; index += 1) value |= (code[at + index] ?? 0) << (8 * index);
  const unused = 32 - 8 * sizeBytes;
  return (value << unused) >> unused;
}

function isIn(ranges: Ranges, opcode: number): boolean {
  return ranges.some(([first, last]) => first <= opcode && opcode <= last);
}

import type { StructView } from '../../base/struct-view.ts';
import type { BytecodeRules, Layout } from '../layouts/layout.ts';

/** An open block of a frame, to 3.10. */
export interface OpenBlock {
  /** Byte offset of its handler in the bytecode. */
  readonly handler: number;
  /** How many values were on the stack when it was opened: they are live as long as it is. */
  readonly level: number;
}

/** `PyTryBlock`: type, handler and level, an int each; the same from 2.7 to 3.10 (cpython/Include/frameobject.h). */
const BLOCK_BYTES = 12;
/** CO_MAXBLOCKS. */
const MOST_BLOCKS = 20;

/** How many bytes of a frame reach to the end of its block stack. */
export function sizeThroughBlocks({ frame }: Layout): number {
  return (frame.blocks ?? 0) + MOST_BLOCKS * BLOCK_BYTES;
}

/** Reads the open blocks of a frame that was copied, outermost first; none from 3.11 on, which has no such stack. */
export function readOpenBlocks(struct: StructView, { frame, rules }: Layout): readonly OpenBlock[] {
  if (frame.blocks === undefined || frame.blockCount === undefined) return [];
  const count = struct.i32(frame.blockCount);
  if (count < 0 || count > MOST_BLOCKS) throw struct.fail(frame.blockCount, `${count} blocks are absurd`);
  const start = frame.blocks;
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * BLOCK_BYTES;
    return {
      handler: struct.i32(at + 4) * rules.lastInstructionUnitBytes,
      level: struct.i32(at + 8),
    };
  });
}

/** Finds the instruction that opens the `with` block of a handler; of several the last one. */
export function findSetupWith(
  bytecode: Uint8Array,
  rules: BytecodeRules,
  { handler, unitBytes }: { readonly handler: number; readonly unitBytes: number },
): number | undefined {
  let found: number | undefined;
  let extension = 0;
  for (let at = 0; at < bytecode.length; ) {
    const { opcode, argument, sizeBytes } = readInstruction(bytecode, at, rules);
    const whole = argument + extension;
    const target = at + sizeBytes + whole * unitBytes;
    if (rules.setupWith.includes(opcode) && target === handler) found = at;
    const isExtension = opcode === rules.extendedArgument;
    extension = isExtension ? whole * (rules.encoding === 'words' ? 0x100 : 0x1_0000) : 0;
    at += sizeBytes;
  }
  return found;
}

interface Instruction {
  readonly opcode: number;
  readonly argument: number;
  readonly sizeBytes: number;
}

/** HAVE_ARGUMENT, cpython/Include/opcode.h, 2.7. */
const FIRST_WITH_ARGUMENT = 90;

function readInstruction(bytecode: Uint8Array, at: number, { encoding }: BytecodeRules): Instruction {
  const opcode = bytecode[at] ?? 0;
  const [low = 0, high = 0] = bytecode.subarray(at + 1, at + 3);
  if (encoding === 'words') return { opcode, argument: low, sizeBytes: 2 };
  if (opcode < FIRST_WITH_ARGUMENT) return { opcode, argument: 0, sizeBytes: 1 };
  return { opcode, argument: low + high * 0x100, sizeBytes: 3 };
}

import { type Address, offsetBy, toAddress } from '../../base/address.ts';
import type { StructView } from '../../base/struct-view.ts';
import { foreignOffset, type ObjectSource, readPointer, readStruct } from '../objects/foreign-struct.ts';

/** A generator, coroutine or asynchronous generator: where it stands, and what it waits for. */
export interface Generator {
  readonly status: 'created' | 'suspended' | 'executing' | 'ended';
  /** `undefined` once it has ended. */
  readonly frame: Address | undefined;
  /** What it has `yield from` or `await` wait for; `undefined` when it does not wait, as at a plain `yield`. */
  readonly awaited: Address | undefined;
}

const ENDED: Generator = { status: 'ended', frame: undefined, awaited: undefined };

/** A value stack higher than this is torn. */
const MOST_VALUES = 1_000_000;

/** Reads a generator: all three kinds begin alike. */
export function readGenerator(source: ObjectSource, address: Address): Generator {
  const { generator, rules } = source.layout;
  const { frameState, inlineFrame } = generator;
  if (frameState === undefined || inlineFrame === undefined) return readWithFrameObject(source, address);
  const state = readInt8(source, foreignOffset(address, frameState, 'generator'));
  const status = statusOf(source, state);
  if (status === 'ended') return ENDED;
  const frame = foreignOffset(address, inlineFrame, 'generator');
  if (status !== 'suspended') return { status, frame, awaited: undefined };
  const struct = readFrame(source, frame);
  const isAwaiting = rules.generators.awaitingStates?.includes(state) ?? isBeforeResume(source, struct);
  return { status, frame, awaited: isAwaiting ? awaitedOf(source, frame, struct) : undefined };
}

/** Reads the qualified name of a generator, which is that of its function unless somebody has set another. */
export function readGeneratorName(source: ObjectSource, address: Address): Address | undefined {
  const { qualname } = source.layout.generator;
  if (qualname === undefined) return undefined;
  return readPointer(source.memory, foreignOffset(address, qualname, 'generator'), 'gi_qualname');
}

/** To 3.10 the frame is an object of its own. */
function readWithFrameObject(source: ObjectSource, address: Address): Generator {
  const { layout, memory } = source;
  const { frame: frameOffset, running } = layout.generator;
  if (frameOffset === undefined) throw new TypeError('a layout of generators needs a frame');
  const frame = readPointer(memory, foreignOffset(address, frameOffset, 'generator'), 'gi_frame');
  if (frame === undefined) return ENDED;
  const struct = readFrame(source, frame);
  const lastInstruction = struct.i32(layout.frame.lastInstruction);
  const status =
    layout.frame.state === undefined
      ? statusByFlag(source, { address, running, lastInstruction })
      : statusOf(source, signed(struct.u8(layout.frame.state)));
  if (status === 'ended') return ENDED;
  const isAwaiting = status === 'suspended' && isBeforeYieldFrom(source, struct, lastInstruction);
  return { status, frame, awaited: isAwaiting ? awaitedOf(source, frame, struct) : undefined };
}

function statusOf({ layout }: ObjectSource, state: number): Generator['status'] {
  const { states } = layout.rules.generators;
  if (states === undefined) throw new TypeError('a layout with frame states needs their values');
  if (state === states.executing) return 'executing';
  if (state >= states.ended) return 'ended';
  return state === states.created ? 'created' : 'suspended';
}

interface Flagged {
  readonly address: Address;
  readonly running: number | undefined;
  readonly lastInstruction: number;
}

function statusByFlag(
  source: ObjectSource,
  { address, running, lastInstruction }: Flagged,
): Generator['status'] {
  if (running === undefined) throw new TypeError('a layout of generators needs a state or a flag');
  if (readInt8(source, foreignOffset(address, running, 'generator')) !== 0) return 'executing';
  return lastInstruction < 0 ? 'created' : 'suspended';
}

function readFrame({ memory, layout }: ObjectSource, frame: Address): StructView {
  return readStruct(memory, frame, layout.frame.sizeBytes, 'frame');
}

/** Whether the next instruction is YIELD_FROM. */
function isBeforeYieldFrom(source: ObjectSource, frame: StructView, lastInstruction: number): boolean {
  const { layout, memory } = source;
  const { instructions } = layout.code;
  if (instructions === undefined || lastInstruction < 0) return false;
  const code = frame.requiredPointer(layout.frame.code);
  const bytes = readPointer(memory, foreignOffset(code, instructions, 'code object'), 'co_code');
  if (bytes === undefined) return false;
  const next = lastInstruction * layout.rules.lastInstructionUnitBytes + INSTRUCTION_BYTES;
  return isAwaitingInstruction(source, foreignOffset(bytes, layout.bytes.data + next, 'co_code'));
}

/** Whether the next instruction is the RESUME behind an `await`, 3.11 and 3.12. */
function isBeforeResume(source: ObjectSource, frame: StructView): boolean {
  const previous = frame.requiredPointer(source.layout.frame.lastInstruction);
  return isAwaitingInstruction(source, foreignOffset(previous, INSTRUCTION_BYTES, 'instruction'));
}

const INSTRUCTION_BYTES = 2;

function isAwaitingInstruction({ memory, layout }: ObjectSource, address: Address): boolean {
  const { opcodes, leastArgument } = layout.rules.generators.awaitingInstruction;
  const instruction = readStruct(memory, address, INSTRUCTION_BYTES, 'instruction');
  return opcodes.includes(instruction.u8(0)) && instruction.u8(1) >= leastArgument;
}

function awaitedOf(source: ObjectSource, frame: Address, struct: StructView): Address | undefined {
  const { memory, layout } = source;
  const { awaitedDepth } = layout.rules.generators;
  const top = stackTopOf(source, frame, struct);
  if (top === undefined) return undefined;
  const place = foreignOffset(top, -8 * awaitedDepth, 'value stack');
  const word = readPointer(memory, place, 'value stack');
  if (word === undefined) return undefined;
  const address = word - (word % 2 ** layout.rules.stackRefTagBits);
  return address === 0 ? undefined : toAddress(address);
}

/** One past the top of the value stack; `undefined` where there is none, as while the code runs. */
function stackTopOf({ layout }: ObjectSource, frame: Address, struct: StructView): Address | undefined {
  const { stackTop, valueStack, stackDepth, locals } = layout.frame;
  const { stackTop: rule } = layout.rules.generators;
  switch (rule) {
    case 'pointer':
      return stackTop === undefined ? undefined : struct.pointer(stackTop);
    case 'count': {
      const count = stackTop === undefined ? 0 : struct.i32(stackTop);
      return count > 0 && count < MOST_VALUES ? offsetBy(frame, locals + count * 8) : undefined;
    }
    case 'base-and-depth': {
      if (valueStack === undefined || stackDepth === undefined) return undefined;
      const depth = struct.i32(stackDepth);
      const base = struct.pointer(valueStack);
      if (base === undefined || depth <= 0 || depth >= MOST_VALUES) return undefined;
      return foreignOffset(base, depth * 8, 'value stack');
    }
    default:
      return rule satisfies never;
  }
}

function readInt8({ memory }: ObjectSource, address: Address): number {
  return signed(readStruct(memory, address, 1, 'int8_t').u8(0));
}

function signed(byte: number): number {
  return byte < 0x80 ? byte : byte - 0x100;
}

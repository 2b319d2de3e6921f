import { type Address, offsetBy, toAddress } from '../../base/address.ts';
import type { StructView } from '../../base/struct-view.ts';
import { parseFrame, type RawFrame } from '../frame-chain.ts';
import { foreignOffset, type ObjectSource, readPointer, readStruct } from '../objects/foreign-struct.ts';

/** A generator, coroutine or asynchronous generator: where it stands, and what it waits for. */
export interface Generator {
  readonly status: 'created' | 'suspended' | 'executing' | 'ended';
  /** `undefined` once it has ended. */
  readonly frame: Address | undefined;
  /** The same as it stands in memory, unless it runs: then the stack of a thread has it. */
  readonly suspendedFrame: RawFrame | undefined;
  /** What it has `yield from` or `await` wait for; `undefined` when it does not wait, as at a plain `yield`. */
  readonly awaited: Address | undefined;
  /** Where on its value stack that is. */
  readonly awaitedPlace: Address | undefined;
  /** Its qualified name, which is that of its function unless somebody has set another. */
  readonly qualifiedName: Address | undefined;
}

/** A value stack higher than this is torn. */
const MOST_VALUES = 1_000_000;

/** Reads a generator: all three kinds begin alike. */
export function readGenerator(source: ObjectSource, address: Address): Generator {
  const { frameState, inlineFrame } = source.layout.generator;
  if (frameState === undefined || inlineFrame === undefined) return readWithFrameObject(source, address);
  return readWithInlineFrame(source, address, { frameState, inlineFrame });
}

/** From 3.11 on the frame is a part of it, and both are read at once. */
function readWithInlineFrame(
  source: ObjectSource,
  address: Address,
  { frameState, inlineFrame }: { readonly frameState: number; readonly inlineFrame: number },
): Generator {
  const { layout, memory } = source;
  const struct = readStruct(memory, address, inlineFrame + layout.frame.sizeBytes, 'generator');
  const qualifiedName = qualifiedNameIn(source, struct);
  const state = signed(struct.u8(frameState));
  const status = statusOf(source, state);
  if (status === 'ended') return { ...ENDED, qualifiedName };
  const frame = foreignOffset(address, inlineFrame, 'generator');
  if (status === 'executing') return { ...EXECUTING, frame, qualifiedName };
  const suspendedFrame = parseFrame(struct, layout, frame, inlineFrame);
  const isAwaiting =
    status === 'suspended' &&
    (layout.rules.generators.awaitingStates?.includes(state) ?? isBeforeResume(source, suspendedFrame));
  const awaited = isAwaiting ? awaitedOf(source, { frame, struct, start: inlineFrame }) : NOTHING_AWAITED;
  return { status, frame, suspendedFrame, ...awaited, qualifiedName };
}

/** To 3.10 the frame is an object of its own. */
function readWithFrameObject(source: ObjectSource, address: Address): Generator {
  const { layout, memory } = source;
  const { frame: frameOffset, running } = layout.generator;
  if (frameOffset === undefined) throw new TypeError('a layout of generators needs a frame');
  const ends = [frameOffset + 8, (running ?? 0) + 1, (layout.generator.qualname ?? 0) + 8];
  const generator = readStruct(memory, address, Math.max(...ends), 'generator');
  const qualifiedName = qualifiedNameIn(source, generator);
  const frame = generator.pointer(frameOffset);
  if (frame === undefined) return { ...ENDED, qualifiedName };
  const struct = readStruct(memory, frame, layout.frame.sizeBytes, 'frame');
  const lastInstruction = struct.i32(layout.frame.lastInstruction);
  const status =
    layout.frame.state === undefined
      ? statusByFlag(running === undefined ? undefined : generator.u8(running), lastInstruction)
      : statusOf(source, signed(struct.u8(layout.frame.state)));
  if (status === 'ended') return { ...ENDED, qualifiedName };
  if (status === 'executing') return { ...EXECUTING, frame, qualifiedName };
  const suspendedFrame = parseFrame(struct, layout, frame);
  const isAwaiting = status === 'suspended' && isBeforeYieldFrom(source, suspendedFrame);
  const awaited = isAwaiting ? awaitedOf(source, { frame, struct, start: 0 }) : NOTHING_AWAITED;
  return { status, frame, suspendedFrame, ...awaited, qualifiedName };
}

const NOTHING_AWAITED = { awaited: undefined, awaitedPlace: undefined } as const;
const ENDED = {
  status: 'ended',
  frame: undefined,
  suspendedFrame: undefined,
  ...NOTHING_AWAITED,
} as const;
const EXECUTING = { status: 'executing', suspendedFrame: undefined, ...NOTHING_AWAITED } as const;

function qualifiedNameIn({ layout }: ObjectSource, generator: StructView): Address | undefined {
  const { qualname } = layout.generator;
  return qualname === undefined ? undefined : generator.pointer(qualname);
}

function statusOf({ layout }: ObjectSource, state: number): Generator['status'] {
  const { states } = layout.rules.generators;
  if (states === undefined) throw new TypeError('a layout with frame states needs their values');
  if (state === states.executing) return 'executing';
  if (state >= states.ended) return 'ended';
  return state === states.created ? 'created' : 'suspended';
}

function statusByFlag(running: number | undefined, lastInstruction: number): Generator['status'] {
  if (running === undefined) throw new TypeError('a layout of generators needs a state or a flag');
  if (running !== 0) return 'executing';
  return lastInstruction < 0 ? 'created' : 'suspended';
}

/** Whether the next instruction is YIELD_FROM. */
function isBeforeYieldFrom(source: ObjectSource, { code, lastInstruction }: RawFrame): boolean {
  const { layout, memory } = source;
  const { instructions } = layout.code;
  if (instructions === undefined || code === undefined || lastInstruction < 0) return false;
  const bytes = readPointer(memory, foreignOffset(code, instructions, 'code object'), 'co_code');
  if (bytes === undefined) return false;
  const next = layout.bytes.data + lastInstruction + INSTRUCTION_BYTES;
  return isAwaitingInstruction(source, foreignOffset(bytes, next, 'co_code'));
}

/** Whether the next instruction is the RESUME behind an `await`, 3.11 and 3.12. */
function isBeforeResume(source: ObjectSource, { lastInstruction }: RawFrame): boolean {
  const next = foreignOffset(toAddress(lastInstruction), INSTRUCTION_BYTES, 'instruction');
  return isAwaitingInstruction(source, next);
}

const INSTRUCTION_BYTES = 2;

function isAwaitingInstruction({ memory, layout }: ObjectSource, address: Address): boolean {
  const { opcodes, leastArgument } = layout.rules.generators.awaitingInstruction;
  const instruction = readStruct(memory, address, INSTRUCTION_BYTES, 'instruction');
  return opcodes.includes(instruction.u8(0)) && instruction.u8(1) >= leastArgument;
}

/** A frame in a struct that begins `start` bytes before it. */
interface FrameInStruct {
  readonly frame: Address;
  readonly struct: StructView;
  readonly start: number;
}

function awaitedOf(source: ObjectSource, held: FrameInStruct): Pick<Generator, 'awaited' | 'awaitedPlace'> {
  const { memory, layout } = source;
  const { awaitedDepth } = layout.rules.generators;
  const top = stackTopOf(source, held);
  if (top === undefined) return NOTHING_AWAITED;
  const place = foreignOffset(top, -8 * awaitedDepth, 'value stack');
  const word = readPointer(memory, place, 'value stack');
  if (word === undefined) return NOTHING_AWAITED;
  const address = word - (word % 2 ** layout.rules.stackRefTagBits);
  return address === 0 ? NOTHING_AWAITED : { awaited: toAddress(address), awaitedPlace: place };
}

/** One past the top of the value stack; `undefined` where there is none, as while the code runs. */
function stackTopOf({ layout }: ObjectSource, { frame, struct, start }: FrameInStruct): Address | undefined {
  const { stackTop, valueStack, stackDepth, locals } = layout.frame;
  const { stackTop: rule } = layout.rules.generators;
  switch (rule) {
    case 'pointer':
      return stackTop === undefined ? undefined : struct.pointer(start + stackTop);
    case 'count': {
      const count = stackTop === undefined ? 0 : struct.i32(start + stackTop);
      return count > 0 && count < MOST_VALUES ? offsetBy(frame, locals + count * 8) : undefined;
    }
    case 'base-and-depth': {
      if (valueStack === undefined || stackDepth === undefined) return undefined;
      const depth = struct.i32(start + stackDepth);
      const base = struct.pointer(start + valueStack);
      if (base === undefined || depth <= 0 || depth >= MOST_VALUES) return undefined;
      return foreignOffset(base, depth * 8, 'value stack');
    }
    default:
      return rule satisfies never;
  }
}

function signed(byte: number): number {
  return byte < 0x80 ? byte : byte - 0x100;
}

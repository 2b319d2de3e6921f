import type { Address } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { StructView } from '../../base/struct-view.ts';
import { type FrameChain, readFrameChain } from '../frame-chain.ts';
import { GREENLET_BYTES, type GreenletLayout } from '../layouts/greenlet-layouts.ts';
import { foreignOffset, readPointer, readStruct } from '../objects/foreign-struct.ts';
import { readTypeAddress } from '../objects/type-flags.ts';
import type { TypedObjects } from '../objects/typed-objects.ts';
import { SliceMemory, type StackSlice } from './slice-memory.ts';

/** A greenlet as it stands in memory, before its frames are read. */
export interface GreenletState {
  readonly address: Address;
  /** `undefined` where its class cannot be read, as in a core that lacks a module's file. */
  readonly typeName: string | undefined;
  /** The stack of the thread itself, on which the first greenlet was begun. */
  readonly isMain: boolean;
  /** Where its slice of the C stack ends, far out; `undefined` for the main one, and for one that was not begun. */
  readonly stackStop: number | undefined;
  readonly slice: StackSlice;
  /** `undefined` unless it is suspended. */
  readonly topFrame: Address | undefined;
  /** What follows `topFrame`, and where: among it pointers to other greenlets. */
  readonly rest: { readonly struct: StructView; readonly offset: number };
}

/** What greenlets are read with. */
export interface GreenletSource {
  readonly objects: TypedObjects;
  readonly greenlet: GreenletLayout;
  /** `greenlet.greenlet` and the classes derived from it. */
  readonly types: ReadonlySet<Address>;
}

/** Reads what may be a greenlet; `undefined` for what is none, or is none any more. */
export function readGreenletState(source: GreenletSource, address: Address): GreenletState | undefined {
  return readIfSound(() => readState(source, address));
}

/** What the main greenlet has in the place of an end: `(char *)-1`. */
const NO_END = 2n ** 64n - 1n;

function readState(
  { objects, greenlet, types }: GreenletSource,
  address: Address,
): GreenletState | undefined {
  const { memory, layout } = objects;
  const head = layout.object.sizeBytes;
  const { implementation: pointer, self, stack, topFrame } = greenlet;
  if (!types.has(readTypeAddress(objects, address))) return undefined;
  const place = foreignOffset(address, head + (pointer ?? 0), 'PyGreenlet');
  const start = pointer === undefined ? place : readPointer(memory, place, 'pimpl');
  if (start === undefined) return undefined;
  const struct = readRest(objects, start, topFrame + 8);
  const isOne = self === undefined ? looksAlive(objects, address, pointer) : struct.word(self) === address;
  if (!isOne) return undefined;
  const stop = struct.u64(stack + 8);
  const isMain = stop === NO_END;
  const copied = struct.ssize(stack + 24);
  return {
    address,
    typeName: typeNameOf(objects, address),
    isMain,
    stackStop: isMain || stop === 0n ? undefined : struct.word(stack + 8),
    slice: {
      start: struct.word(stack),
      copy: struct.pointer(stack + 16),
      sizeBytes: Math.max(0, copied),
    },
    topFrame: struct.pointer(topFrame),
    rest: { struct, offset: topFrame + 8 },
  };
}

/** More references than this are a pointer, or none. */
const MOST_REFERENCES = 2 ** 31;

/**
 * Before 3.1.1 nothing leads back to the greenlet, and what calls have left on stacks may look like one up to the pointer
 * to its rest. It has a count of references in the place of the head, and an attribute dict or none before that pointer.
 */
function looksAlive(objects: TypedObjects, address: Address, pointer: number | undefined): boolean {
  const { memory, layout } = objects;
  const { sizeBytes, type } = layout.object;
  const struct = readStruct(memory, address, sizeBytes + (pointer ?? 0), 'PyGreenlet');
  const count = struct.ssize(type - 8);
  if (!(count > 0 && count < MOST_REFERENCES)) return false;
  const dict = pointer === undefined ? undefined : struct.pointer(sizeBytes + pointer - 8);
  return dict === undefined || objects.typeOf(dict).name === 'dict';
}

function typeNameOf(objects: TypedObjects, address: Address): string | undefined {
  return readIfSound(() => objects.typeOf(address).fullName);
}

/** As much as there may be, for the pointers at its end; what surely is there when that reaches beyond mapped memory. */
function readRest({ memory }: TypedObjects, start: Address, leastBytes: number): StructView {
  try {
    return readStruct(memory, start, GREENLET_BYTES.most, 'Greenlet');
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    return readStruct(memory, start, Math.max(leastBytes, GREENLET_BYTES.least), 'Greenlet');
  }
}

/**
 * Reads the frames of a suspended greenlet, innermost first.
 * @throws {MalformedInputError} when what should be its frame is none
 */
export function readGreenletFrames(
  { objects, greenlet }: GreenletSource,
  { slice }: GreenletState,
  topFrame: Address,
): FrameChain {
  const { memory, layout } = objects;
  const type = objects.typeOf(topFrame);
  const object = readStruct(memory, topFrame, layout.object.sizeBytes + 16, 'PyFrameObject');
  if (!(type.isBuiltIn && type.name === 'frame')) throw object.fail(0, `it is a ${type.fullName}`);
  const innermost =
    greenlet.frame === undefined
      ? topFrame
      : object.requiredPointer(layout.object.sizeBytes + greenlet.frame);
  return readFrameChain(new SliceMemory(memory, slice), layout, innermost);
}

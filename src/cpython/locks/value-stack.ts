import { type Address, toAddress } from '../../base/address.ts';
import type { RawFrame } from '../frame-chain.ts';
import { foreignOffset, readStruct } from '../objects/foreign-struct.ts';
import { countLocals } from '../objects/frame-variables.ts';
import type { ObjectReader } from '../objects/object-reader.ts';

/** Where a frame keeps values that it works on. */
export interface ValueStack {
  readonly start: Address;
  /** How many values there is room for. */
  readonly capacity: number;
}

/** No function needs more: CPython itself gives up long before. */
const MOST_VALUES = 65_536;

/** Finds the value stack of a frame; `undefined` for a frame that runs no code, or has none. */
export function valueStackOf(objects: ObjectReader, frame: RawFrame): ValueStack | undefined {
  const { layout, memory } = objects;
  if (frame.code === undefined) return undefined;
  const code = readStruct(memory, frame.code, layout.code.sizeBytes, 'PyCodeObject');
  const capacity = code.i32(layout.code.stackSize);
  if (capacity < 0 || capacity > MOST_VALUES) throw code.fail(layout.code.stackSize, `${capacity} is absurd`);
  const { valueStack } = layout.frame;
  if (valueStack === undefined) {
    const locals = foreignOffset(frame.address, layout.frame.locals, 'frame');
    const start = foreignOffset(locals, countLocals(objects, frame.code) * 8, 'value stack');
    return { start, capacity };
  }
  const struct = readStruct(memory, frame.address, valueStack + 8, 'PyFrameObject');
  const start = struct.pointer(valueStack);
  return start === undefined ? undefined : { start, capacity };
}

/**
 * Reads what may be references on the whole value stack of a frame, the innermost place first. Those above the level
 * that is in use now are left over from before: what is found must be proved by what it says itself.
 */
export function readStackWords(objects: ObjectReader, frame: RawFrame): readonly Address[] {
  const stack = valueStackOf(objects, frame);
  if (stack === undefined) return [];
  const values = readStruct(objects.memory, stack.start, stack.capacity * 8, 'value stack');
  const tags = 2 ** objects.layout.rules.stackRefTagBits;
  const words = Array.from({ length: stack.capacity }, (_, index) => {
    const word = values.u32(index * 8) + values.u32(index * 8 + 4) * 0x1_0000_0000;
    return Number.isSafeInteger(word) ? toAddress(word - (word % tags)) : toAddress(0);
  });
  return words.filter((word) => word !== 0).toReversed();
}

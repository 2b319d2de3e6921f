import { type Address, toAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { StructView } from '../../base/struct-view.ts';
import type { CodeObjects } from '../code-objects.ts';
import type { RawFrame } from '../frame-chain.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import type { ObjectReader } from '../objects/object-reader.ts';
import { readBytes } from '../objects/text.ts';
import { findSetupWith, readOpenBlocks, sizeThroughBlocks } from './block-stack.ts';
import { isExitFunction, readBoundExit } from './bound-exit.ts';
import { handlersAround, parseExceptionTable, startOfBlock } from './exception-table.ts';
import { valueStackOf } from './value-stack.ts';

/** A `with` or `async with` statement in whose body a frame stands. */
export interface WithBlock {
  /** What `__exit__` or `__aexit__` will be called of when the body ends. */
  readonly manager: Address;
  /** Byte offset of an instruction of the statement's head; `undefined` when it could not be told. */
  readonly instructionOffset: number | undefined;
}

/** What with blocks are read with. */
export interface BlockSource {
  readonly objects: ObjectReader;
  readonly codeObjects: Pick<CodeObjects, 'offsetOf'>;
}

const MOST_TABLE_BYTES = 1 << 20;
const CODE_UNIT_BYTES = 2;

/**
 * Reads in which `with` statements a frame stands, innermost first. Only values count that are live for certain: those
 * below the level at which a block that is open now was opened. What lies above may be left over from before.
 */
export function readWithBlocks(source: BlockSource, frame: RawFrame): readonly WithBlock[] {
  if (frame.code === undefined) return [];
  const hasTable = source.objects.layout.code.exceptionTable !== undefined;
  const places = hasTable
    ? placesFromTable(source, frame, frame.code)
    : placesFromBlocks(source, frame, frame.code);
  return places.flatMap((place) => {
    const manager = readManager(source.objects, frame, place.level);
    return manager === undefined ? [] : [{ manager, instructionOffset: place.instructionOffset() }];
  });
}

/** Where the `__exit__` of a block would lie: just below a level of the value stack. */
interface ExitPlace {
  readonly level: number;
  readonly instructionOffset: () => number | undefined;
}

/** From 3.11 on. */
function placesFromTable(
  { objects, codeObjects }: BlockSource,
  frame: RawFrame,
  code: Address,
): readonly ExitPlace[] {
  const place = objects.layout.code.exceptionTable;
  const offset = codeObjects.offsetOf(frame, code);
  if (place === undefined || offset === undefined) return [];
  const struct = readStruct(objects.memory, code, objects.layout.code.sizeBytes, 'PyCodeObject');
  const { value, omitted } = readBytes(objects, struct.requiredPointer(place), MOST_TABLE_BYTES);
  if (omitted > 0 || value.length === 0) return [];
  const table = parseExceptionTable(value);
  return handlersAround(table, offset).map((entry) => ({
    level: entry.depth,
    // What comes before the body is the last instruction of the head, or its cache, which has the same line.
    instructionOffset: () => startOfBlock(table, entry) - CODE_UNIT_BYTES,
  }));
}

/** To 3.10. */
function placesFromBlocks({ objects }: BlockSource, frame: RawFrame, code: Address): readonly ExitPlace[] {
  const { layout, memory } = objects;
  const { bytecode: rules, lastInstructionUnitBytes: unitBytes } = layout.rules;
  const struct = readStruct(memory, frame.address, sizeThroughBlocks(layout), 'PyFrameObject');
  const blocks = readOpenBlocks(struct, layout).toReversed();
  return blocks.map(({ handler, level }) => ({
    level,
    instructionOffset: () => {
      const place = layout.code.instructions;
      if (place === undefined || rules === undefined || unitBytes === 0) return undefined;
      const object = readStruct(memory, code, layout.code.sizeBytes, 'PyCodeObject').requiredPointer(place);
      const bytecode = readBytes(objects, object, MOST_TABLE_BYTES).value;
      return findSetupWith(bytecode, rules, { handler, unitBytes });
    },
  }));
}

/** A block that is none of a `with` statement has something else below its level, or nothing. */
function readManager(objects: ObjectReader, frame: RawFrame, level: number): Address | undefined {
  return readIfSound(() => {
    const stack = valueStackOf(objects, frame);
    if (level < 1 || stack === undefined || level > stack.capacity) return undefined;
    const values = readStruct(objects.memory, stack.start, level * 8, 'value stack');
    const top = referenceAt(objects, values, level - 1);
    if (top === undefined) return undefined;
    if (objects.layout.rules.withExit === 'bound') return readBoundExit(objects, top);
    const below = level < 2 ? undefined : referenceAt(objects, values, level - 2);
    return below !== undefined && isExitFunction(objects, below) ? top : undefined;
  });
}

/** `undefined` for NULL and for what is no reference. */
function referenceAt(objects: ObjectReader, values: StructView, index: number): Address | undefined {
  const tags = 2 ** objects.layout.rules.stackRefTagBits;
  const word = values.word(index * 8);
  const address = toAddress(word - (word % tags));
  return address === 0 ? undefined : address;
}

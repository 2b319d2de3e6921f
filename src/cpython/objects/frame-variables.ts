import { type Address, hex, toAddress } from '../../base/address.ts';
import { isAboutMemory, MalformedInputError } from '../../base/errors.ts';
import type { StructView } from '../../base/struct-view.ts';
import type { ObjectView, Variable } from '../../model/object-view.ts';
import { foreignOffset, readStruct } from './foreign-struct.ts';
import type { ObjectReader } from './object-reader.ts';
import { readTupleItems } from './sequences.ts';
import { readBytes } from './text.ts';
import { DEFAULT_VIEW_BUDGET, type ViewBudget } from './view-budget.ts';

/** A frame whose variables are wanted. */
export interface FrameAddresses {
  /** The struct that holds the array of locals: a PyFrameObject to 3.10, a `_PyInterpreterFrame` after. */
  readonly frameAddress: Address;
  readonly codeAddress: Address;
}

/** `co_flags`, the same in every version (cpython/Include/code.h). */
const CO_OPTIMIZED = 0x01;
const CO_VARARGS = 0x04;
const CO_VARKEYWORDS = 0x08;
/** `co_localspluskinds` (cpython/Include/internal/pycore_code.h, 3.11 to 3.15); other bits do not matter here. */
const CO_FAST_CELL = 0x40;
const CO_FAST_FREE = 0x80;
/** No function has more names; CPython's own limit on arguments of an instruction is far above. */
const MOST_NAMES = 65_536;

type Role = Variable['role'];

/** One place of a frame's array, before it is looked into. */
interface Slot {
  readonly name: string;
  readonly role: Role;
  readonly index: number;
  /** Its value is in a cell, as soon as the function has run its prologue. */
  readonly isCell: boolean;
}

/**
 * Reads the variables of a frame in the order of their declaration: arguments, locals, closure. Names that are
 * unbound are left out, as in `locals()`. The names of modules and class bodies live in a dict, not in the frame.
 * @throws {MalformedInputError} when the code object is torn; a torn value is a node of its own
 */
export function readVariables(
  reader: ObjectReader,
  frame: FrameAddresses,
  budget: ViewBudget = DEFAULT_VIEW_BUDGET,
): readonly Variable[] {
  const locals = readLocals(reader, frame);
  if (locals === undefined) return [];
  const { slots, start, values } = locals;
  return slots.flatMap((slot) => {
    const place = foreignOffset(start, slot.index * 8, 'locals of a frame');
    const value = viewSlot(reader, { slot, place, values }, budget);
    return value === undefined ? [] : [{ name: slot.name, role: slot.role, value }];
  });
}

/** A name of a frame and the object that it is bound to, not looked at. */
export interface BoundName {
  readonly name: string;
  readonly isArgument: boolean;
  readonly object: Address;
}

/** Reads what the variables of a frame are bound to, in the order of their declaration, without those that are unbound. */
export function readBoundNames(reader: ObjectReader, frame: FrameAddresses): readonly BoundName[] {
  const locals = readLocals(reader, frame);
  if (locals === undefined) return [];
  const { slots, values } = locals;
  return slots.flatMap(({ name, role, index, isCell }) => {
    const value = readReference(values, index * 8, reader.layout.rules.stackRefTagBits);
    const object = typeof value === 'number' && isCell ? contentOfCell(reader, value) : value;
    return typeof object === 'number'
      ? [{ name, isArgument: role !== 'local' && role !== 'closure', object }]
      : [];
  });
}

interface Locals {
  readonly slots: readonly Slot[];
  /** Where the array begins. */
  readonly start: Address;
  readonly values: StructView;
}

/** Reads the array of a frame's locals; `undefined` for a module and a class body. */
function readLocals(reader: ObjectReader, { frameAddress, codeAddress }: FrameAddresses): Locals | undefined {
  const { memory, layout } = reader;
  const code = readStruct(memory, codeAddress, layout.code.sizeBytes, 'PyCodeObject');
  if ((code.i32(layout.code.flags) & CO_OPTIMIZED) === 0) return undefined;
  const { slots, count } = readSlots(reader, code);
  const start = foreignOffset(frameAddress, layout.frame.locals, 'frame');
  return { slots, start, values: readStruct(memory, start, count * 8, 'locals of a frame') };
}

/** Until the prologue has run, the argument itself lies where its cell will be. */
function contentOfCell(reader: ObjectReader, address: Address): Address | undefined {
  if (reader.typeNameOf(address) !== 'cell') return address;
  const { content } = reader.layout.cell;
  return readStruct(reader.memory, address, content + 8, 'PyCellObject').pointer(content);
}

/** Counts the places in the array of a frame's locals, behind which its value stack lies from 3.11 on. */
export function countLocals(reader: ObjectReader, codeAddress: Address): number {
  const code = readStruct(reader.memory, codeAddress, reader.layout.code.sizeBytes, 'PyCodeObject');
  const { localsPlusNames } = reader.layout.code;
  if (localsPlusNames === undefined) return readSlots(reader, code).count;
  const names = code.requiredPointer(localsPlusNames);
  const { size } = reader.layout.tuple;
  const count = readStruct(reader.memory, names, size + 8, 'PyTupleObject').ssize(size);
  if (count < 0 || count > MOST_NAMES) throw code.fail(localsPlusNames, `${count} names are absurd`);
  return count;
}

interface Slots {
  readonly slots: readonly Slot[];
  /** Places in the array, which may be more than names are shown. */
  readonly count: number;
}

function readSlots(reader: ObjectReader, code: StructView): Slots {
  const { localsPlusNames, localsPlusKinds } = reader.layout.code;
  const roleAt = argumentRoles(reader, code);
  if (localsPlusNames === undefined || localsPlusKinds === undefined)
    return readSeparateSlots(reader, code, roleAt);
  const names = readNames(reader, code.requiredPointer(localsPlusNames));
  const kinds = readBytes(reader, code.requiredPointer(localsPlusKinds), MOST_NAMES).value;
  const slots = names.map((name, index) => {
    const kind = kinds[index] ?? 0;
    const role = (kind & CO_FAST_FREE) === 0 ? roleAt(index) : 'closure';
    return { name, role, index, isCell: (kind & (CO_FAST_CELL | CO_FAST_FREE)) !== 0 };
  });
  return { slots, count: names.length };
}

/**
 * To 3.10 the array has the variables, then the cells, then the closure. An argument that an inner function
 * uses is among the variables and among the cells, and only its cell is up to date.
 */
function readSeparateSlots(reader: ObjectReader, code: StructView, roleAt: (index: number) => Role): Slots {
  const { varNames, cellVars, freeVars } = reader.layout.code;
  if (varNames === undefined || cellVars === undefined || freeVars === undefined)
    throw new TypeError('a layout of code needs localsPlusNames, or varNames, cellVars and freeVars');
  const variables = readNames(reader, code.requiredPointer(varNames));
  const cells = readNames(reader, code.requiredPointer(cellVars));
  const closure = readNames(reader, code.requiredPointer(freeVars));
  const firstFree = variables.length + cells.length;
  const slots = [
    ...variables.map((name, index) => {
      const cell = cells.indexOf(name);
      const place = cell === -1 ? index : variables.length + cell;
      return { name, role: roleAt(index), index: place, isCell: cell !== -1 };
    }),
    ...cells.flatMap((name, index): readonly Slot[] =>
      variables.includes(name)
        ? []
        : [{ name, role: 'local', index: variables.length + index, isCell: true }],
    ),
    ...closure.map((name, index): Slot => {
      return { name, role: 'closure', index: firstFree + index, isCell: true };
    }),
  ];
  return { slots, count: firstFree + closure.length };
}

/** The order of arguments: positional, keyword-only, `*args`, `**kwargs`; then the locals. */
function argumentRoles(reader: ObjectReader, code: StructView): (index: number) => Role {
  const { argCount, kwOnlyArgCount, flags } = reader.layout.code;
  const flagBits = code.i32(flags);
  const positionalEnd = code.i32(argCount);
  const keywordEnd = positionalEnd + (kwOnlyArgCount === undefined ? 0 : code.i32(kwOnlyArgCount));
  const varEnd = keywordEnd + ((flagBits & CO_VARARGS) === 0 ? 0 : 1);
  const varKeywordEnd = varEnd + ((flagBits & CO_VARKEYWORDS) === 0 ? 0 : 1);
  return (index) => {
    if (index < positionalEnd) return 'positional';
    if (index < keywordEnd) return 'keyword-only';
    if (index < varEnd) return 'var-positional';
    return index < varKeywordEnd ? 'var-keyword' : 'local';
  };
}

function readNames(reader: ObjectReader, tuple: Address): readonly string[] {
  const { items, omitted } = readTupleItems(reader, tuple, MOST_NAMES);
  return items.map((item) => {
    if (item === undefined || omitted > 0)
      throw new MalformedInputError(`names at ${hex(tuple)}`, 0, 'they are not those of a code object');
    return reader.readText(item);
  });
}

interface FilledSlot {
  readonly slot: Slot;
  readonly place: Address;
  readonly values: StructView;
}

function viewSlot(
  reader: ObjectReader,
  { slot, place, values }: FilledSlot,
  budget: ViewBudget,
): ObjectView | undefined {
  try {
    const value = readReference(values, slot.index * 8, reader.layout.rules.stackRefTagBits);
    if (value === undefined || typeof value === 'object') return value;
    if (!slot.isCell) return reader.view(value, budget);
    // The cell is no part of the answer, so it costs nothing of the budget.
    const { maxDepth, maxObjects } = budget;
    const view = reader.view(value, { ...budget, maxDepth: maxDepth + 1, maxObjects: maxObjects + 1 });
    // Until the prologue has run, the argument itself lies where its cell will be.
    return view.kind === 'cell' ? view.content : view;
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    return { kind: 'invalid', address: place, typeName: undefined, reason: error.message };
  }
}

/**
 * A place of the array: NULL, a pointer whose low bits may be tags, or an int of a machine word
 * (cpython/Include/internal/pycore_stackref.h, 3.14: tag 3, the int above the tag).
 */
function readReference(
  values: StructView,
  offset: number,
  tagBits: number,
): Address | ObjectView | undefined {
  const tags = 2 ** tagBits - 1;
  if (tagBits > 1 && (values.u8(offset) & tags) === tags)
    return { kind: 'int', value: values.i64(offset) >> BigInt(tagBits), isLong: false };
  const word = values.word(offset);
  const address = toAddress(word - (word % (tags + 1)));
  return address === 0 ? undefined : address;
}

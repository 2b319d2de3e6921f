import { type Address, isAddress, WORD_BYTES } from '../base/address.ts';
import type { CallFrameRow } from '../dwarf/call-frame/row.ts';
import { addressOf, FrameRegisters, type RegisterSlot } from './registers.ts';
import type { PlacedRow } from './row-step.ts';
import { followsCall, type Walk, type WalkFrame } from './walk.ts';

/** Where functions reserve their stack, which compilers mix with the first of their work. */
const PROLOGUE_BYTES = 128;

/** Frames of functions that call the kernel are small, but for their buffers. */
const MOST_WORDS = 2048;

/**
 * The same frame with its frame pointer, where its rules count from that and nobody knows it: of a thread that was left
 * asleep (docs/decisions/0008) the kernel tells two registers only. The stack tells it when it has a call of this
 * function, best as far up as the function reserves stack when it begins. `undefined` when there is none.
 */
export function withFramePointer(walk: Walk, frame: WalkFrame, placed: PlacedRow): WalkFrame | undefined {
  const { framePointer } = walk.architecture;
  const { cfa } = placed.row;
  if (cfa.kind !== 'register' || cfa.register !== framePointer) return undefined;
  if (frame.registers.slot(framePointer) !== undefined) return undefined;
  const slot = findCall(walk, frame, placed);
  if (slot === undefined) return undefined;
  const slots: RegisterSlot[] = [];
  for (const { number } of walk.architecture.registers) slots[number] = frame.registers.slot(number);
  slots[framePointer] = BigInt.asUintN(64, BigInt(slot + WORD_BYTES) - BigInt(cfa.offset));
  return { ...frame, registers: new FrameRegisters(walk.words, slots) };
}

/** Where the return address of the function lies. */
function findCall(walk: Walk, frame: WalkFrame, { row, bias }: PlacedRow): Address | undefined {
  const { architecture, words } = walk;
  if (row.functionStart === undefined || architecture.reservedAtEntry === undefined) return undefined;
  const start = row.functionStart + bias;
  if (!isAddress(start)) return undefined;
  const sizeBytes = Math.max(0, Math.min(PROLOGUE_BYTES, frame.pc - start));
  const reserved = architecture.reservedAtEntry(words.code(start, sizeBytes));
  const places = placesOf(frame, row, reserved).filter((slot) => isCallOf(walk, slot, start) !== false);
  const [place, ...others] = places;
  if (place !== undefined && others.length === 0) return place;
  const sure = places.find((slot) => isCallOf(walk, slot, start));
  return sure ?? findDirectCall(walk, frame, start);
}

/**
 * Where the return address may be: above what the function has reserved and the frame pointer, and above
 * registers that it has saved, of which each may lie in what is reserved or have been pushed.
 */
function placesOf({ stackPointer }: WalkFrame, { registers }: CallFrameRow, reserved: number) {
  const saved = [...registers.values()].filter(({ kind }) => kind === 'offset').length;
  // The return address and the frame pointer are among those that have a rule. A single word is reserved by a push too.
  const most = reserved === 0 ? saved : saved - 1;
  const counts = Array.from({ length: Math.max(0, most) }, (_, pushed) => pushed);
  return counts
    .map((pushed) => stackPointer + reserved + (pushed + 1) * WORD_BYTES)
    .filter((place) => isAddress(place));
}

/** The nearest return address of a call that names the function. */
function findDirectCall(walk: Walk, { stackPointer }: WalkFrame, start: Address): Address | undefined {
  for (let word = 0; word < MOST_WORDS; word += 1) {
    const slot = stackPointer + word * WORD_BYTES;
    if (!isAddress(slot) || walk.words.find(slot) === undefined) return undefined;
    if (isCallOf(walk, slot, start) === true) return slot;
  }
  return undefined;
}

/** Tells whether a word is the return address of a call of this function; `undefined` after a call of a pointer. */
function isCallOf(walk: Walk, slot: Address, start: Address): boolean | undefined {
  const { architecture, modules, words } = walk;
  const address = addressOf(words.find(slot) ?? 0n);
  if (address === undefined || modules.moduleAt(address) === undefined) return false;
  const called = architecture.calledFunction?.(words, address);
  if (called !== undefined) return called === start;
  return followsCall(walk, address) === true ? undefined : false;
}

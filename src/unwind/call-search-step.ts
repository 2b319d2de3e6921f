import { type Address, offsetBy, toAddress, WORD_BYTES } from '../base/address.ts';
import { addressOf, type RegisterSlot } from './registers.ts';
import { lookupAddressOf } from './unwound-stack.ts';
import { beginsThread, type Caller, isReturnAddress, type Walk, type WalkFrame } from './walk.ts';

/** Frames of what has no unwind rules, such as musl's functions, are small. */
const MOST_WORDS = 512;

/** Most functions end sooner after they begin. */
const LONGEST_FUNCTION_BYTES = 16 << 10;

const PROLOGUE_BYTES = 32;

/** A word on the stack that a call of this very function may have left. */
interface Candidate {
  readonly slot: Address;
  readonly returnAddress: bigint;
  /** Where the function begins; `undefined` after the call that a thread begins with, which may be of another one. */
  readonly functionStart: Address | undefined;
}

/**
 * Steps to the caller by searching the stack for the return address: of the words that follow a call instruction, the
 * one whose call leads to the nearest place before the program counter, which is the beginning of its function.
 * `undefined` when there is none, as after a call of a function pointer.
 */
export function stepByCallSearch(walk: Walk, frame: WalkFrame): Caller | undefined {
  const found = bestCandidate(walk, frame);
  if (found === undefined) return undefined;
  const { slot, returnAddress } = found;
  const { framePointer, stackPointer } = walk.architecture;
  const cfa = offsetBy(slot, WORD_BYTES);
  const slots: RegisterSlot[] = [];
  slots[stackPointer] = BigInt(cfa);
  const saved = savedBy(walk, frame, found);
  for (const [register, offset] of saved) slots[register] = offsetBy(slot, -offset);
  if (!saved.has(framePointer) && leadsAbove(walk, frame, cfa))
    slots[framePointer] = frame.registers.slot(framePointer);
  return { kind: 'caller', method: 'call-search', cfa, slots, returnAddress, isInterrupted: false };
}

/** What the function has saved so far: what it had not done yet when it was left does not count. */
function savedBy(
  { architecture, words }: Walk,
  { pc }: WalkFrame,
  { functionStart }: Candidate,
): ReadonlyMap<number, number> {
  if (functionStart === undefined || architecture.savedAtEntry === undefined) return new Map();
  const prologue = words.code(functionStart, PROLOGUE_BYTES);
  return architecture.savedAtEntry(prologue.subarray(0, Math.max(0, pc - functionStart)));
}

function bestCandidate(walk: Walk, frame: WalkFrame): Candidate | undefined {
  const { architecture, words } = walk;
  if (architecture.calledFunction === undefined) return undefined;
  const place = lookupAddressOf(frame);
  const end = endOfSearch(walk, frame);
  let best: Candidate | undefined;
  for (let slot = frame.stackPointer; slot < end; slot = offsetBy(slot, WORD_BYTES)) {
    const returnAddress = words.find(slot);
    if (returnAddress === undefined) break;
    const candidate = candidateAt(walk, slot, returnAddress, place);
    if (candidate !== undefined && isNearer(candidate, best)) best = candidate;
  }
  return best;
}

function candidateAt(
  walk: Walk,
  slot: Address,
  returnAddress: bigint,
  place: Address,
): Candidate | undefined {
  const address = addressOf(returnAddress);
  if (address === undefined || walk.modules.moduleAt(address) === undefined) return undefined;
  const functionStart = walk.architecture.calledFunction?.(walk.words, address);
  const distance = place - (functionStart ?? Number.NaN);
  if (distance >= 0 && distance <= LONGEST_FUNCTION_BYTES) return { slot, returnAddress, functionStart };
  // What was called may have jumped here, into another file too.
  return beginsThread(walk, address) ? { slot, returnAddress, functionStart: undefined } : undefined;
}

/** Of equally near ones the first counts: those above it are of the same function, called before. */
function isNearer({ functionStart }: Candidate, than: Candidate | undefined): boolean {
  return than === undefined || (functionStart ?? 0) > (than.functionStart ?? 0);
}

/** A frame pointer that makes sense is that of this function or of one farther out: its own caller lies no higher. */
function endOfSearch(walk: Walk, frame: WalkFrame): Address {
  const most = offsetBy(frame.stackPointer, MOST_WORDS * WORD_BYTES);
  const framePointer = frame.registers.address(walk.architecture.framePointer);
  if (framePointer === undefined || !leadsAbove(walk, frame, frame.stackPointer)) return most;
  return toAddress(Math.min(most, framePointer + 2 * WORD_BYTES));
}

/** Tells whether the frame pointer leads to a frame of the caller or of one farther out, so that nobody changed it since. */
function leadsAbove(walk: Walk, { registers }: WalkFrame, cfa: Address): boolean {
  const framePointer = registers.address(walk.architecture.framePointer);
  if (framePointer === undefined || framePointer < cfa || framePointer % WORD_BYTES !== 0) return false;
  const returnAddress = walk.words.find(offsetBy(framePointer, WORD_BYTES));
  return returnAddress !== undefined && isReturnAddress(walk, returnAddress);
}

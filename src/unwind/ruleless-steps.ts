import { type Address, isAddress, offsetBy, WORD_BYTES } from '../base/address.ts';
import { stepByCallSearch } from './call-search-step.ts';
import type { CodeStepResult } from './code-step.ts';
import { addressOf, type RegisterSlot } from './registers.ts';
import type { StackEnd, UnwindMethod } from './unwound-stack.ts';
import {
  beginsThread,
  type Caller,
  followsCall,
  hasCalled,
  isReturnAddress,
  type Walk,
  type WalkFrame,
} from './walk.ts';

/** As much of the code as a prologue or an epilogue needs. */
const CODE_BYTES = 32;
const BEFORE_BYTES = 8;

/** Of one walk. Code without rules is that of few places; each may be a search of some milliseconds. */
const MOST_PATH_SEARCHES = 256;

/** The usual limit of a whole stack (RLIMIT_STACK): no frame pointer leads farther within one. */
const MAX_FRAME_BYTES = 8 << 20;

/**
 * Steps to the caller of code that no unwind rule covers: by its instructions where they tell, by the call that
 * led to it where the stack has one, by its frame pointer where that makes sense, and from where a thread stands as from
 * a function that has saved nothing.
 * `undefined` when nothing leads on.
 */
export function stepWithoutRules(walk: Walk, frame: WalkFrame): Caller | StackEnd | undefined {
  if (!frame.isActivation && beginsThread(walk, frame.pc)) return { kind: 'outermost' };
  const code = walk.words.code(frame.pc, CODE_BYTES);
  // A call of a pointer that leads nowhere has pushed its return address and nothing else.
  const isNowhere = frame.isActivation && code.length === 0;
  return (
    (isNowhere ? stepAsLeaf(walk, frame) : stepByInstructions(walk, frame, code)) ??
    stepByPaths(walk, frame) ??
    stepByCallSearch(walk, frame) ??
    stepByFramePointer(walk, frame) ??
    stepAsLeaf(walk, frame) ??
    endOfChain(walk, frame)
  );
}

/** The System V ABI has the outermost frame pointer 0, and C libraries see to it where they start a thread. */
function endOfChain({ architecture }: Walk, { registers }: WalkFrame): StackEnd | undefined {
  return registers.value(architecture.framePointer) === 0n ? { kind: 'outermost' } : undefined;
}

function stepByInstructions(walk: Walk, frame: WalkFrame, after: Uint8Array): Caller | undefined {
  const { architecture, words } = walk;
  const start = frame.pc - BEFORE_BYTES;
  const before = isAddress(start) ? words.code(start, BEFORE_BYTES) : new Uint8Array();
  const told = architecture.stepByCode({ after, before, isActivation: frame.isActivation });
  const base = told === undefined ? undefined : baseOf(walk, frame, told);
  return told === undefined || base === undefined ? undefined : callerAt(walk, frame, { base, told });
}

interface ToldFrom {
  readonly base: Address;
  readonly told: CodeStepResult;
}

function callerAt(walk: Walk, frame: WalkFrame, { base, told }: ToldFrom): Caller | undefined {
  const returnAddress = returnAddressOf(walk, frame, { base, offset: told.returnAddress });
  if (returnAddress === undefined || !isReturnAddress(walk, returnAddress)) return undefined;
  const slots = frame.registers.calleeSaved(walk.architecture);
  for (const [register, offset] of told.saved) slots[register] = offsetBy(base, offset);
  return callerOf('instructions', walk, { slots, returnAddress, cfa: offsetBy(base, told.stackPointer) });
}

/**
 * By what the rest of the function takes from the stack, where that leads behind a call. The next call that stands at the
 * same place is left in the same way, if that leads behind a call too.
 */
function stepByPaths(walk: Walk, frame: WalkFrame): Caller | undefined {
  const { architecture, words, knownPaths } = walk;
  const known = knownPaths.get(frame.pc);
  const again = known === undefined ? undefined : callerBehindCall(walk, frame, known);
  if (again !== undefined) return again;
  walk.pathSearches += 1;
  if (walk.pathSearches > MOST_PATH_SEARCHES) return undefined;
  for (const told of architecture.pathsToReturn?.(words, frame.pc) ?? []) {
    const caller = callerBehindCall(walk, frame, told);
    if (caller === undefined) continue;
    knownPaths.set(frame.pc, told);
    return caller;
  }
  return undefined;
}

function callerBehindCall(walk: Walk, frame: WalkFrame, told: CodeStepResult): Caller | undefined {
  const base = baseOf(walk, frame, told);
  const caller = base === undefined ? undefined : callerAt(walk, frame, { base, told });
  return caller !== undefined && hasCalled(walk, caller.returnAddress) ? caller : undefined;
}

function baseOf({ architecture }: Walk, frame: WalkFrame, { base }: CodeStepResult): Address | undefined {
  return base === 'stack-pointer' ? frame.stackPointer : frame.registers.address(architecture.framePointer);
}

function returnAddressOf(
  { architecture, words }: Walk,
  { registers }: WalkFrame,
  { base, offset }: { readonly base: Address; readonly offset: CodeStepResult['returnAddress'] },
): bigint | undefined {
  if (offset !== 'link-register') return words.find(offsetBy(base, offset));
  return architecture.linkRegister === undefined ? undefined : registers.value(architecture.linkRegister);
}

/** Both architectures keep the caller's frame pointer where the frame pointer leads, and the return address behind it. */
export function stepByFramePointer(walk: Walk, frame: WalkFrame): Caller | undefined {
  const { architecture, words } = walk;
  const ofCaller = recordOfCaller(walk, frame);
  const framePointer = frame.registers.address(architecture.framePointer) ?? ofCaller;
  if (framePointer === undefined || framePointer % WORD_BYTES !== 0) return undefined;
  const distance = framePointer - frame.stackPointer;
  if (!(distance >= 0 && distance <= MAX_FRAME_BYTES)) return undefined;
  const returnAddress = words.find(offsetBy(framePointer, WORD_BYTES));
  if (returnAddress === undefined || !isReturnAddress(walk, returnAddress)) return undefined;
  if (ofCaller !== undefined && !hasCalled(walk, returnAddress)) return undefined;
  const slots: RegisterSlot[] = [];
  slots[architecture.framePointer] = framePointer;
  return callerOf('frame-pointer', walk, {
    slots,
    returnAddress,
    cfa: offsetBy(framePointer, 2 * WORD_BYTES),
  });
}

/**
 * Where the caller of a function that has saved nothing may have its record, of a thread that was left asleep on aarch64
 * (docs/decisions/0008): the kernel tells neither frame pointer nor link register, but compilers put the record at the end of
 * a frame. So the walk goes on with the caller's caller.
 */
function recordOfCaller(
  { architecture }: Walk,
  { registers, stackPointer, isActivation }: WalkFrame,
): Address | undefined {
  const { linkRegister, framePointer } = architecture;
  if (!isActivation || linkRegister === undefined) return undefined;
  const isUnknown = [linkRegister, framePointer].every((number) => registers.slot(number) === undefined);
  return isUnknown ? stackPointer : undefined;
}

/** A function that has saved nothing has its return address where the call has put it. */
function stepAsLeaf(walk: Walk, frame: WalkFrame): Caller | undefined {
  if (!frame.isActivation) return undefined;
  const { architecture, modules, words } = walk;
  const { linkRegister } = architecture;
  const returnAddress =
    linkRegister === undefined ? words.find(frame.stackPointer) : frame.registers.value(linkRegister);
  const address = returnAddress === undefined ? undefined : addressOf(returnAddress & walk.addressMask);
  if (returnAddress === undefined || address === undefined || modules.moduleAt(address) === undefined)
    return undefined;
  if (followsCall(walk, address) === false) return undefined;
  const slots = frame.registers.calleeSaved(architecture);
  const cfa = offsetBy(frame.stackPointer, linkRegister === undefined ? WORD_BYTES : 0);
  return callerOf('leaf-function', walk, { slots, returnAddress, cfa });
}

interface Found {
  readonly slots: RegisterSlot[];
  readonly returnAddress: bigint;
  readonly cfa: Address;
}

function callerOf(
  method: UnwindMethod,
  { architecture }: Walk,
  { slots, returnAddress, cfa }: Found,
): Caller {
  // A frame record of aarch64 lies anywhere in its frame, so that the stack pointer behind it is not known.
  const isSure = method !== 'frame-pointer' || architecture.linkRegister === undefined;
  if (isSure) slots[architecture.stackPointer] = BigInt(cfa);
  return { kind: 'caller', method, cfa, slots, returnAddress, isInterrupted: false };
}

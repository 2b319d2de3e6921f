import { type Address, hex, toAddress } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import type { StructView } from '../base/struct-view.ts';
import type { Layout } from './layouts/layout.ts';
import { readStruct } from './objects/foreign-struct.ts';

/** A frame as it stands in memory: links and places, nothing that they point to. */
export interface RawFrame {
  readonly address: Address;
  readonly previous: Address | undefined;
  /** The code object, its reference tags cleared; `undefined` in frames that run no Python code. */
  readonly code: Address | undefined;
  /**
   * Byte offset into the code (to 3.10; negative before the first instruction), or address of the instruction
   * (from 3.11 on).
   */
  readonly lastInstruction: number;
  /** Which thread's copy of the bytecode runs (free-threaded 3.14+). */
  readonly tlbcIndex: number | undefined;
  /** The interpreter's own: it delimits invocations of the evaluation loop and is never shown. */
  readonly isShim: boolean;
  /** `is_entry` of 3.11; other versions tell it otherwise: see {@link isEntryFrame}. */
  readonly entryFlag: boolean | undefined;
}

/** The frames of one thread, innermost first. */
export interface FrameChain {
  readonly frames: readonly RawFrame[];
  /** Why the chain ends before the outermost frame; `undefined` when it does not. */
  readonly cutOff: string | undefined;
}

/** Deeper than any C stack allows to 3.11; later only `sys.setrecursionlimit` bounds Python recursion. */
const MOST_FRAMES = 250_000;

/** Walks a thread's frames from the innermost out, without recursion: chains of 10,000 frames are ordinary. */
export function readFrameChain(memory: Memory, layout: Layout, innermost: Address | undefined): FrameChain {
  const frames: RawFrame[] = [];
  const seen = new Set<Address>();
  let address = innermost;
  let cutOff: string | undefined;
  while (address !== undefined && cutOff === undefined) {
    if (seen.has(address)) cutOff = `its frames run in a circle at ${hex(address)}`;
    else if (frames.length >= MOST_FRAMES) cutOff = `it has more than ${MOST_FRAMES} frames`;
    else {
      seen.add(address);
      try {
        const frame = readFrame(memory, layout, address);
        frames.push(frame);
        address = frame.previous;
      } catch (error) {
        if (!isAboutMemory(error)) throw error;
        cutOff = error.message;
      }
    }
  }
  return { frames, cutOff };
}

/** Reads one frame, whatever it belongs to: a thread, a suspended generator. */
function readFrame(memory: Memory, layout: Layout, address: Address): RawFrame {
  return parseFrame(readStruct(memory, address, layout.frame.sizeBytes, 'frame'), layout, address);
}

/** Takes a frame out of a struct that holds it from `start` on, as a generator does from 3.11 on. */
export function parseFrame(
  struct: StructView,
  { frame: layout, rules }: Layout,
  address: Address,
  start = 0,
): RawFrame {
  const isShim = layout.owner !== undefined && rules.shimOwners.includes(struct.u8(start + layout.owner));
  const code = isShim ? undefined : untagged(struct.word(start + layout.code), rules.stackRefTagBits);
  if (code === undefined && !isShim) throw struct.fail(start + layout.code, 'the frame runs no code');
  return {
    address,
    previous: struct.pointer(start + layout.previous),
    code,
    lastInstruction: lastInstructionIn(
      struct,
      start + layout.lastInstruction,
      rules.lastInstructionUnitBytes,
    ),
    tlbcIndex: layout.tlbcIndex === undefined ? undefined : struct.i32(start + layout.tlbcIndex),
    isShim,
    entryFlag: layout.isEntry === undefined ? undefined : struct.u8(start + layout.isEntry) !== 0,
  };
}

function lastInstructionIn(struct: StructView, offset: number, unitBytes: number): number {
  return unitBytes === 0 ? struct.word(offset) : struct.i32(offset) * unitBytes;
}

/** Clears the low bits of a reference, which are flags and not part of the address. */
function untagged(word: Address, tagBits: number): Address | undefined {
  const address = toAddress(word - (word % 2 ** tagBits));
  return address === 0 ? undefined : address;
}

/**
 * Tells whether a frame is the outermost of its invocation of the evaluation loop. From 3.12 on each C call into the
 * loop pushes a shim, and the frame next to it is the entry; 3.11 has a flag; before, every frame is one.
 */
export function isEntryFrame({ rules }: Layout, frames: readonly RawFrame[], at: number): boolean {
  const frame = frames[at];
  if (rules.shimOwners.length === 0) return frame?.entryFlag ?? true;
  return frame?.isShim === false && (frames[at + 1]?.isShim ?? true);
}

/** Tells whether a frame is that of the thread itself, which no invocation of the evaluation loop has pushed. */
export function isBaseFrame({ rules }: Layout, frames: readonly RawFrame[], at: number): boolean {
  const isAlone = frames[at]?.isShim === true && frames[at - 1]?.isShim !== false;
  return rules.hasBaseFrame && isAlone && at === frames.length - 1;
}

/**
 * The address that orders the states of several interpreters on one thread, an inner one's being further down the C
 * stack: there lie the shims (3.12+) and the `_PyCFrame` of the innermost invocation of the evaluation loop (3.10 and 3.11).
 * `undefined` without frames, and to 3.9, which keeps nothing there.
 */
export function stackAnchorOf(
  layout: Layout,
  chain: FrameChain,
  cframe: Address | undefined,
): Address | undefined {
  const frames = chain.frames.filter((_, at) => !isBaseFrame(layout, chain.frames, at));
  const [innermost] = frames;
  if (layout.rules.shimOwners.length > 0) return (frames.find((frame) => frame.isShim) ?? innermost)?.address;
  return innermost === undefined ? undefined : cframe;
}

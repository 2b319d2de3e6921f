import { type Address, offsetBy } from '../base/address.ts';

/** What led to the caller of a frame, the surest first. */
export type UnwindMethod =
  /** Unwind rules of the file. */
  | 'call-frame-information'
  /** What the kernel saved before it ran a signal handler. */
  | 'signal-frame'
  /** The instructions from there on, until the function returns. */
  | 'instructions'
  /** The nearest word on the stack that a call of this very function has left there. */
  | 'call-search'
  /** The chain of frame pointers. */
  | 'frame-pointer'
  /** A return address where a function that has saved nothing has it. */
  | 'leaf-function';

/** One native call. */
export interface UnwoundFrame {
  /** Where execution goes on in this call. */
  readonly pc: Address;
  /** The stack pointer of this call; what it and the call keep on the stack lies from here to the CFA. */
  readonly stackPointer: Address;
  /** The canonical frame address: its caller's stack pointer before the call. `undefined` when there is no caller. */
  readonly cfa: Address | undefined;
  /**
   * The thread stands at `pc`: the innermost call, or one that a signal interrupted. In all others `pc` is a return
   * address, and the call lies before it.
   */
  readonly isActivation: boolean;
  /** The trampoline through which a signal handler returns. */
  readonly isSignalFrame: boolean;
  /** How its caller was found; `undefined` when it was not. */
  readonly callerFoundBy: UnwindMethod | undefined;
}

/** How a walk ended. */
export type StackEnd =
  /** The last frame has no caller: it is where the thread began. */
  | { readonly kind: 'outermost' }
  /** There may be more frames; the reason is a whole sentence without a full stop. */
  | { readonly kind: 'cut-off'; readonly reason: string };

/** The native calls of one thread, innermost first. */
export interface UnwoundStack {
  readonly frames: readonly UnwoundFrame[];
  readonly end: StackEnd;
}

/** The address that names the function and line of a frame: a return address may lie behind both. */
export function lookupAddressOf({ pc, isActivation }: Pick<UnwoundFrame, 'pc' | 'isActivation'>): Address {
  return isActivation ? pc : offsetBy(pc, -1);
}

/** How to compute the canonical frame address: the stack pointer of the caller, just before it called. */
export type CfaRule =
  /** `register + offset` */
  | { readonly kind: 'register'; readonly register: number; readonly offset: number }
  /** What the DWARF expression leaves. */
  | { readonly kind: 'expression'; readonly expression: Uint8Array };

/** How to find what a register held in the caller. Registers have their DWARF numbers, offsets are in bytes. */
export type RegisterRule =
  /** Nothing knows; for the return address it says that there is no caller. */
  | { readonly kind: 'undefined' }
  /** `register`, unchanged */
  | { readonly kind: 'same-value' }
  /** `*(cfa + offset)` */
  | { readonly kind: 'offset'; readonly offset: number }
  /** `cfa + offset` */
  | { readonly kind: 'value-offset'; readonly offset: number }
  /** `register`, another one */
  | { readonly kind: 'register'; readonly register: number }
  /** `*(what the DWARF expression leaves)`; it begins with the CFA on its stack. */
  | { readonly kind: 'expression'; readonly expression: Uint8Array }
  /** What the DWARF expression leaves; it begins with the CFA on its stack. */
  | { readonly kind: 'value-expression'; readonly expression: Uint8Array };

/** How to get from one place in the code to the registers of its caller (DWARF 5, 6.4.1: a row of the table). */
export interface CallFrameRow {
  readonly cfa: CfaRule;
  /** By register; what has no rule is as the calling convention says. */
  readonly registers: ReadonlyMap<number, RegisterRule>;
  /** The register whose rule finds the return address; it need not be a real one. */
  readonly returnAddressRegister: number;
  /** The code is a signal trampoline: its caller was interrupted and called nothing. */
  readonly isSignalFrame: boolean;
  /** The return address carries a signature in its high bits (aarch64). */
  readonly isReturnAddressSigned: boolean;
  /** The first address of the code that the entry covers, mostly of one function; an address of the file's own. */
  readonly functionStart?: number;
}

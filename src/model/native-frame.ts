import type { Address } from '../base/address.ts';
import type { Frame } from './frame.ts';

/** The file that code was mapped from. */
export interface NativeModule {
  /** As the target's maps name it. */
  readonly path: string;
  /** In hexadecimal; `undefined` for a file without one. */
  readonly buildId: string | undefined;
}

/** One call of native code: several at one place in memory where functions were inlined. */
export interface NativeFrame {
  /** Where execution goes on in this call; a return address, but for the innermost frame and one that a signal interrupted. */
  readonly pc: Address;
  /** `undefined` for code that was mapped from no file. */
  readonly module: NativeModule | undefined;
  /** The address that the file itself has for `pc`, as readelf and addr2line take it. */
  readonly moduleAddress: Address | undefined;
  /** The function, demangled, with the version of its symbol; `undefined` where nothing names it. */
  readonly symbol: string | undefined;
  /** As the file has it, mangled, where that is something else. */
  readonly rawSymbol?: string;
  /** Bytes from the beginning of the symbol to `pc`; `undefined` for an inlined function and without a symbol. */
  readonly symbolOffset: number | undefined;
  /** Of a function that nothing names, where it begins as its unwind rules say: an address of the file's own. */
  readonly functionStart?: number;
  /** As the compiler was given it, which is often relative. */
  readonly file: string | undefined;
  /** From 1 on. */
  readonly line: number | undefined;
  /** It has no stack frame of its own: it is a part of the next frame outwards that is not inlined. */
  readonly isInlined: boolean;
}

/** The native calls of one thread, innermost first. */
export interface NativeStack {
  readonly frames: readonly NativeFrame[];
  /** Why frames further out are missing, a whole sentence; `undefined` when the last frame is where the thread began. */
  readonly cutOff: string | undefined;
}

/** A call in a stack of both kinds. */
export type MergedFrame<PythonFrame = Frame> =
  | { readonly kind: 'python'; readonly frame: PythonFrame }
  | { readonly kind: 'native'; readonly frame: NativeFrame };

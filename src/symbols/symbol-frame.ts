/** A place in source code, as debugging information has it: of a function, or of one that was inlined into it. */
export interface SourceFrame {
  /** As in the source; `undefined` where only the line is known. */
  readonly name: string | undefined;
  /** As the linker knows it, still mangled, where the compiler wrote it. */
  readonly linkageName: string | undefined;
  readonly file: string | undefined;
  /** From 1 on. */
  readonly line: number | undefined;
  readonly isInlined: boolean;
}

/** Debugging information of one file: what an address of its own was compiled from. */
export interface LineInfo {
  /**
   * The innermost inlined function first, at last the function that has the code of its own; empty where nothing is
   * known.
   */
  resolve(address: number): readonly SourceFrame[];
}

/** What is known of one call at an address: several for one address where functions were inlined. */
export interface SymbolFrame {
  /** As programmers write it, demangled. */
  readonly name: string;
  /** As the file has it, where that is something else. */
  readonly rawName?: string;
  /** Bytes from the beginning of the function that was not inlined; `undefined` where no symbol tells. */
  readonly offset: number | undefined;
  readonly file: string | undefined;
  /** From 1 on. */
  readonly line: number | undefined;
  readonly isInlined: boolean;
}

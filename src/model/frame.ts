import type { Address } from '../base/address.ts';
import type { Variable } from './object-view.ts';

/** Where in a source file a frame is. Columns are UTF-8 byte offsets from 0, as CPython keeps them (3.11+). */
export interface SourceRange {
  readonly line: number;
  readonly endLine: number | undefined;
  readonly column: number | undefined;
  readonly endColumn: number | undefined;
}

/** One Python frame of a stack. */
export interface Frame {
  /** Address of the frame struct in the target. */
  readonly address: Address;
  /** Address of its code object. */
  readonly codeAddress: Address;
  /** `co_filename`, as the target has it; may hold lone surrogates. */
  readonly filename: string;
  /** `co_name`. */
  readonly name: string;
  /** `co_qualname`, on versions that have it (3.11+). */
  readonly qualifiedName: string | undefined;
  /** Line of the `def`. */
  readonly firstLine: number;
  /** `undefined` when the instruction has no line, as compiler-made ones may not. */
  readonly position: SourceRange | undefined;
  /** The outermost Python frame of one invocation of the evaluation loop (3.11+; every frame before). */
  readonly isEntry: boolean;
  /** The source line at `position`, unstripped, when the file could be read and is not newer than the process. */
  readonly sourceLine: string | undefined;
  /** Arguments, locals and closure variables in declaration order; `undefined` when they were not asked for. */
  readonly variables: readonly Variable[] | undefined;
}

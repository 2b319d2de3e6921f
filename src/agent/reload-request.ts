import type { CancelSignal } from '../base/cancellation.ts';
import type { Request } from '../wire/protocol.ts';
import type { OutputListener } from './agent-console.ts';
import type { FunctionWish } from './call-stream.ts';

/** Which function shall get the code of its file, or its code of before. */
export interface ReloadWish extends Pick<FunctionWish, 'words'> {
  /** Only tells what would be changed. */
  readonly dryRun?: boolean;
  /** Puts back what was there before the last reload of it. */
  readonly undo?: boolean;
  /** Computes all defaults anew. */
  readonly defaults?: boolean;
  /** A line of its definition, where the file has several of them. */
  readonly line?: number | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Gets what the code of defaults prints. */
  readonly onOutput?: OutputListener | undefined;
}

/** Writes the wish as a request; of a decorated function the innermost is meant, which is written in the file. */
export function reloadRequest({ words, dryRun, undo, defaults, line }: ReloadWish): Request {
  return { op: 'reload', words, wrapped: true, dryRun, undo, defaults, line };
}

import type { SourceRange } from '../model/frame.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';

/** The source lines of one snapshot, as the target's own file system has them. */
export class SourceLines {
  readonly #target: Target;
  readonly #newer = new Set<string>();

  constructor(target: Target) {
    this.#target = target;
  }

  /** Finds the line that a frame is on; `undefined` when its file cannot be read or is shorter. */
  find(filename: string, position: SourceRange | undefined): string | undefined {
    if (position === undefined) return undefined;
    const source = this.#target.sourceOf(filename);
    if (source?.isNewerThanProcess === true) this.#newer.add(filename);
    return source?.lines[position.line - 1];
  }

  /** A problem for each file that lines were taken from and that was written after the process began. */
  problems(): readonly Problem[] {
    return [...this.#newer].map((filename) => ({
      kind: 'file-mismatch',
      message: `The source file ${filename} is newer than the process, so its lines may not be the ones that run`,
    }));
  }
}

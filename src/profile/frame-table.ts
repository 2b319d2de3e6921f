import type { ProfileFrame } from './profile.ts';

/** The frames of a profile, each once. */
export class FrameTable {
  readonly frames: ProfileFrame[] = [];
  readonly #indices = new Map<string, number>();

  /** The index of a frame, which is added when it is new. */
  indexOf(frame: ProfileFrame): number {
    const key = `${frame.kind}\0${frame.name}\0${frame.file}\0${frame.firstLine}\0${frame.line}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.frames.length;
    this.frames.push(frame);
    this.#indices.set(key, index);
    return index;
  }
}

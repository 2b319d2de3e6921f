import { closeSync, openSync, readSync } from 'node:fs';
import { isGone, isRefused, silently } from './errno.ts';

/** Why a file could not be read: what it tells of is not there any more, or it was not opened, or we may not. */
export type Unread = 'gone' | 'refused';

/** Larger than any line that is read as text. */
const LINE = Buffer.alloc(2048);

/** A file of /proc that is kept open and read from its beginning each time, which costs a fifth of opening it anew. */
export class KeptFile implements Disposable {
  #file: number | undefined;

  constructor(path: string) {
    this.#file = silently(() => openSync(path, 'r'));
  }

  /** Reads as much of it as there is room for; answers how many bytes that were. */
  read(bytes: Uint8Array): number | Unread {
    if (this.#file === undefined) return 'refused';
    try {
      return readSync(this.#file, bytes, 0, bytes.length, 0);
    } catch (error) {
      if (isGone(error)) return 'gone';
      if (isRefused(error)) return 'refused';
      throw error;
    }
  }

  /** Reads the line that it consists of; `undefined` where it says nothing. */
  readLine(): string | undefined {
    const length = this.read(LINE);
    return typeof length === 'string' || length === 0 ? undefined : LINE.toString('latin1', 0, length);
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

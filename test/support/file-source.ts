import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MalformedInputError } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/base/ports.ts';

/** A real file that a live test reads; it is closed when the test disposes of it. */
export class FileSource implements ByteSource, Disposable {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #file: number;

  constructor(path: string) {
    this.name = path;
    this.#file = openSync(path, 'r');
    this.sizeBytes = fstatSync(this.#file).size;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    const bytes = Buffer.alloc(sizeBytes);
    const readBytes = readSync(this.#file, bytes, 0, sizeBytes, offset);
    if (readBytes < sizeBytes) {
      throw new MalformedInputError(this.name, offset, `${sizeBytes} bytes wanted, ${readBytes} left`);
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

import type { FilePiece, OutputFile } from '../../api/index.ts';
import type { Context } from '../context.ts';

/** Files that come piece by piece, one after the other: the first under the name that was given, the second as `name.2.json`. */
export class NumberedFiles implements Disposable {
  /** Of those that are whole. */
  readonly paths: string[] = [];
  readonly #files: readonly { readonly path: string; readonly output: OutputFile }[];
  #at = 0;

  private constructor(files: readonly { readonly path: string; readonly output: OutputFile }[]) {
    this.#files = files;
  }

  /** Makes sure that so many can be written. */
  static async open(path: string, count: number, { api }: Context): Promise<NumberedFiles> {
    const files: { readonly path: string; readonly output: OutputFile }[] = [];
    try {
      for (let number = 1; number <= count; number += 1) {
        const name = numbered(path, number);
        files.push({ path: name, output: await api.openOutputFile(name) });
      }
      return new NumberedFiles(files);
    } catch (error) {
      for (const { output } of files) output[Symbol.dispose]();
      throw error;
    }
  }

  /** Writes a piece of one; those before it are whole then. */
  take({ file, bytes }: FilePiece): void {
    this.finish(file);
    this.#files[file]?.output.append(bytes);
  }

  /** The first ones, so many, are whole. */
  finish(count: number): void {
    for (; this.#at < count; this.#at += 1) {
      const file = this.#files[this.#at];
      if (file === undefined) return;
      file.output.finish();
      this.paths.push(file.path);
    }
  }

  /** Takes away what is not whole. */
  [Symbol.dispose](): void {
    for (const { output } of this.#files) output[Symbol.dispose]();
  }
}

/** `step.json`, `step.2.json`, `step.3.json`. */
function numbered(path: string, number: number): string {
  if (number === 1) return path;
  const [, beginning = path, ending = ''] = /^(.*[^/])(\.[^./]+)$/su.exec(path) ?? [];
  return `${beginning}.${number}${ending}`;
}

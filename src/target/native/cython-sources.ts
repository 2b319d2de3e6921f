import { cythonPlaceAt } from '../../symbols/cython-lines.ts';
import type { SymbolFrame } from '../../symbols/symbol-frame.ts';
import type { NativeOrigin } from './native-origin.ts';

/** How the functions are called that Cython makes of those in its source. */
const CYTHON_START = '__pyx_';

const GENERATED = /\.(?:c|cc|cpp|cxx)$/u;

/** Leads calls of one module from the C that Cython made to the source that it was made of, where that C is at hand. */
export class CythonSources {
  readonly #origin: Pick<NativeOrigin, 'openFile' | 'readTextFile'>;
  readonly #modulePath: string;
  readonly #lines = new Map<string, readonly string[] | undefined>();
  #modifiedAt: number | undefined;

  constructor(origin: Pick<NativeOrigin, 'openFile' | 'readTextFile'>, modulePath: string) {
    this.#origin = origin;
    this.#modulePath = modulePath;
  }

  /** The same frame with the place in the Cython source; as it is where that cannot be told. */
  located(frame: SymbolFrame): SymbolFrame {
    const { rawName = frame.name, file, line } = frame;
    if (!rawName.startsWith(CYTHON_START) || file === undefined || line === undefined) return frame;
    const lines = GENERATED.test(file) ? this.#linesOf(file) : undefined;
    const place = lines && cythonPlaceAt(lines, line);
    return place === undefined ? frame : { ...frame, ...place };
  }

  #linesOf(path: string): readonly string[] | undefined {
    if (!this.#lines.has(path)) this.#lines.set(path, this.#read(path));
    return this.#lines.get(path);
  }

  /** C that was made again since the module was compiled has other lines. */
  #read(path: string): readonly string[] | undefined {
    if (!path.startsWith('/')) return undefined;
    const file = this.#origin.readTextFile(path);
    if (file === undefined || file.modifiedAt.getTime() > this.#compiledAt()) return undefined;
    return Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length)
      .toString('utf8')
      .split(/\r?\n/u);
  }

  #compiledAt(): number {
    if (this.#modifiedAt === undefined) {
      using file = this.#origin.openFile(this.#modulePath);
      this.#modifiedAt = file?.modifiedAt.getTime() ?? 0;
    }
    return this.#modifiedAt;
  }
}

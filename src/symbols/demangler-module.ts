import { ByteCursor } from '../base/byte-cursor.ts';

declare global {
  // What we use of it; its types are those of browsers, which we do not load.
  namespace WebAssembly {
    class Module {
      constructor(code: Uint8Array);
      static imports(module: Module): readonly { readonly module: string; readonly name: string }[];
    }
    class Instance {
      constructor(module: Module, imports: object);
      readonly exports: object;
    }
    class RuntimeError extends Error {}
  }
}

/** Size of a page of WebAssembly's memory. */
const PAGE_BYTES = 2 ** 16;

/**
 * The most memory that demangling takes. A name of 255 bytes that repeats itself can stand for one of gigabytes; with
 * this it fails within 150 ms instead, and real names need a tenth of it at most.
 */
const MAX_MEMORY_BYTES = 2 ** 23;

/** After so many names that ran out of memory all others stay as they are: the file is made to harm. */
const MAX_FAILURES = 8;

/** What the module exports, `wasm-bindgen`'s own names among it (gecko-profiler-demangle 0.4.0, index_bg.js). */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly demangle_any: (
    address: number,
    sizeBytes: number,
  ) => readonly [address: number, sizeBytes: number];
  readonly __wbindgen_malloc: (sizeBytes: number, alignment: number) => number;
  readonly __wbindgen_free: (address: number, sizeBytes: number, alignment: number) => void;
}

/** The demanglers of gecko-profiler-demangle, cpp_demangle and rustc-demangle, in a memory with an end. */
export class DemanglerModule {
  readonly #module: WebAssembly.Module;
  #exports: Exports | undefined;
  #failures = 0;

  constructor(code: Uint8Array) {
    this.#module = new WebAssembly.Module(withBoundedMemory(code));
  }

  /** The name that a symbol stands for; `undefined` when it stands for none. */
  demangle(symbol: string): string | undefined {
    if (this.#failures >= MAX_FAILURES) return undefined;
    this.#exports ??= this.#instantiate();
    try {
      const demangled = run(this.#exports, symbol);
      // What is no mangled name comes back without its first underscore.
      return demangled === symbol || demangled === symbol.slice(1) ? undefined : demangled;
    } catch (error) {
      // Out of memory, or nested too deep for the stack of WebAssembly or our own.
      if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
      // Its memory is in no known state any more.
      this.#exports = undefined;
      this.#failures += 1;
      return undefined;
    }
  }

  #instantiate(): Exports {
    const imports: Record<string, Record<string, () => void>> = {};
    for (const { module, name } of WebAssembly.Module.imports(this.#module)) {
      // The one function that it imports prepares a table of JavaScript values, of which it uses none.
      imports[module] = { ...imports[module], [name]: () => undefined };
    }
    const { exports } = new WebAssembly.Instance(this.#module, imports);
    if (!hasExports(exports)) throw new TypeError('Cannot use the demangler: its module is another one');
    return exports;
  }
}

function run(exports: Exports, symbol: string): string {
  const bytes = Buffer.from(symbol, 'utf8');
  const address = exports.__wbindgen_malloc(bytes.length, 1) >>> 0;
  new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
  // It takes possession of what it is given, and gives away what it returns.
  const [resultAddress, resultBytes] = exports.demangle_any(address, bytes.length);
  const at = resultAddress >>> 0;
  const text = Buffer.from(exports.memory.buffer, at, resultBytes).toString('utf8');
  exports.__wbindgen_free(at, resultBytes, 1);
  return text;
}

function hasExports(exports: object): exports is Exports {
  return ['memory', 'demangle_any', '__wbindgen_malloc', '__wbindgen_free'].every((name) => name in exports);
}

// The binary format of WebAssembly, version 1: 8 bytes, then sections of a kind, a size, and so many bytes.
const PREAMBLE_BYTES = 8;
const MEMORY_SECTION = 5;

/** Gives the memory of a module a maximum, which the compiler that made it left out. */
function withBoundedMemory(code: Uint8Array): Uint8Array<ArrayBuffer> {
  const cursor = new ByteCursor(code, 'demangler', PREAMBLE_BYTES);
  while (!cursor.atEnd) {
    const start = cursor.offset;
    const kind = cursor.u8();
    const sizeBytes = cursor.uleb128();
    const bodyAt = cursor.offset;
    cursor.skip(sizeBytes);
    if (kind !== MEMORY_SECTION) continue;
    const body = new ByteCursor(code, 'demangler', bodyAt);
    // One memory: no maximum so far, its pages at the start.
    if (body.u8() !== 1 || body.u8() !== 0) break;
    const limits = [1, 1, ...uleb128(body.uleb128()), ...uleb128(MAX_MEMORY_BYTES / PAGE_BYTES)];
    const section = [MEMORY_SECTION, ...uleb128(limits.length), ...limits];
    return joined([code.subarray(0, start), Uint8Array.from(section), code.subarray(cursor.offset)]);
  }
  throw new TypeError('Cannot use the demangler: its module is another one');
}

function uleb128(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...uleb128(Math.floor(value / 128))];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

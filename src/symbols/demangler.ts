import { DemanglerModule } from './demangler-module.ts';

/** Names of C++ (Itanium ABI), of Rust since 1.37 (v0), and of Rust before it, which look like those of C++. */
const MANGLED = /^_[ZR]/u;

/** What may follow a mangled name: the version or `@plt`, and before it what compilers add to the name of a copy. */
const VERSION = /@.*$/su;
const RUST_HASH_END = /17h[0-9a-f]{16}E/u;

/** Longer names are not worth reading, mangled or not. */
const MAX_MANGLED_LENGTH = 2 ** 14;
const MAX_DEMANGLED_LENGTH = 2 ** 16;

/** More names than any stack has are kept, and then forgotten all at once. */
const MAX_REMEMBERED = 2 ** 15;

/**
 * Turns symbols into the names that programmers gave them: `_ZN3foo3barEv.cold@plt` into `foo::bar() [clone .cold]@plt`,
 * as c++filt and gdb write it. Of Rust names the hash and what LLVM adds are left out. A name that is not mangled, or
 * makes no sense, stays as it is.
 */
export class Demangler {
  readonly #loadCode: () => Uint8Array;
  readonly #remembered = new Map<string, string>();
  #module: DemanglerModule | undefined;

  /** @param loadCode gives the WebAssembly of gecko-profiler-demangle; it is called at the first mangled name */
  constructor(loadCode: () => Uint8Array) {
    this.#loadCode = loadCode;
  }

  demangle(symbol: string): string {
    if (!MANGLED.test(symbol) || symbol.length > MAX_MANGLED_LENGTH) return symbol;
    const known = this.#remembered.get(symbol);
    if (known !== undefined) return known;
    const demangled = this.#compute(symbol);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(symbol, demangled);
    return demangled;
  }

  #compute(symbol: string): string {
    const version = VERSION.exec(symbol)?.[0] ?? '';
    const name = symbol.slice(0, symbol.length - version.length);
    const { mangled, clone } = splitClone(name);
    this.#module ??= new DemanglerModule(this.#loadCode());
    const demangled = this.#module.demangle(mangled);
    if (demangled === undefined || demangled.length > MAX_DEMANGLED_LENGTH) return symbol;
    return thunkText(mangled, demangled) + cloneText(clone, isRust(mangled)) + version;
  }
}

/** What cpp_demangle says of a function that moves `this` before it goes on to the one that it wraps. */
const THUNK = /^\{virtual override thunk\((?:\{[^}]*\}, )+(.*)\)\}$/su;

/** In the words of c++filt. */
function thunkText(mangled: string, demangled: string): string {
  const target = THUNK.exec(demangled)?.[1];
  if (target === undefined) return demangled;
  const kind = /^_ZT([hvc])/u.exec(mangled)?.[1];
  return `${kind === 'h' ? 'non-virtual' : kind === 'v' ? 'virtual' : 'covariant return'} thunk to ${target}`;
}

function isRust(mangled: string): boolean {
  return mangled.startsWith('_R') || RUST_HASH_END.test(mangled);
}

/** Names of the older Rust mangling have periods of their own, and end with their hash. */
function splitClone(name: string): { readonly mangled: string; readonly clone: string } {
  const hash = RUST_HASH_END.exec(name);
  const end = hash === null ? name.indexOf('.') : hash.index + hash[0].length;
  return end === -1 ? { mangled: name, clone: '' } : { mangled: name.slice(0, end), clone: name.slice(end) };
}

/** `.part.0.cold` becomes ` [clone .part.0] [clone .cold]`; `.llvm.1234` is a hash. */
function cloneText(clone: string, isOfRust: boolean): string {
  const kept = isOfRust ? clone.replace(/\.llvm\.[0-9A-F]+/gu, '') : clone;
  return kept.replace(/\.[A-Za-z_]+(?:\.\d+)*|\.\d+/gu, ' [clone $&]');
}

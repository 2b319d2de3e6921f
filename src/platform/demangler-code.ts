import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Reads the WebAssembly of gecko-profiler-demangle, 511 KB, out of the package as it is installed. */
export function readDemanglerCode(): Uint8Array {
  return readFileSync(createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm'));
}

/** The WebAssembly that demangles, for tests of rooms that may not read files themselves. */
export { readDemanglerCode } from '../../src/platform/demangler-code.ts';

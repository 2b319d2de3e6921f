import { type Address, hex, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { PythonVersion } from '../../model/python-version.ts';
import {
  DEBUG_OFFSETS_COOKIE,
  DEBUG_OFFSETS_HEADER_BYTES,
  debugOffsetsSizeBytes,
  parseDebugOffsets,
  parseDebugOffsetsHeader,
} from '../layouts/debug-offsets.ts';
import type { Layout } from '../layouts/layout.ts';
import { layoutFor } from '../layouts/layout-for.ts';
import { layoutFromDebugOffsets } from '../layouts/layout-from-debug-offsets.ts';
import {
  type CPythonRuntime,
  gilWaitsOf,
  type RuntimeRoots,
  readInterpretersHead,
  readPointer,
} from '../runtime.ts';
import type { AddressSpace, MappedModule } from './address-space.ts';
import { findVersion, isDebugBuild } from './find-version.ts';
import { looksLikeInterpreter } from './interpreter-check.ts';

/** What the search has to go by, and what it has tried so far. */
export interface RuntimeSearch {
  readonly memory: Memory;
  readonly space: AddressSpace;
  /** A line for each thing that looked promising and was not. */
  readonly attempts: string[];
  /** Modules that hold a CPython without an interpreter: one that is not initialised yet, or already finalised. */
  readonly dormant: Set<MappedModule>;
}

/** Tries an address as `_PyRuntime` of a module. */
export function runtimeAt(
  search: RuntimeSearch,
  module: MappedModule,
  address: Address,
  foundBy: string,
): CPythonRuntime | undefined {
  try {
    const build =
      buildByDebugOffsets(search.memory, module, address) ?? buildByVersion(search, module, foundBy);
    return build === undefined
      ? undefined
      : checked(search, module, { ...build, foundBy, roots: rootsOf(build.layout, address), others: [] });
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    search.attempts.push(`${foundBy}: ${error.message}`);
    return undefined;
  }
}

/** Which CPython it is. */
export interface Build {
  readonly version: PythonVersion;
  readonly layout: Layout;
}

/** The cookie says that the runtime describes itself, which is so from 3.13 on. */
function buildByDebugOffsets(memory: Memory, module: MappedModule, runtime: Address): Build | undefined {
  const header = memory.read(runtime, DEBUG_OFFSETS_HEADER_BYTES);
  if (Buffer.from(header).toString('latin1', 0, DEBUG_OFFSETS_COOKIE.length) !== DEBUG_OFFSETS_COOKIE)
    return undefined;
  const sizeBytes = debugOffsetsSizeBytes(parseDebugOffsetsHeader(header));
  const offsets = parseDebugOffsets(memory.read(runtime, sizeBytes));
  const version = { ...offsets.version, isDebugBuild: isDebugBuild(module) };
  return { version, layout: layoutFromDebugOffsets(offsets) };
}

/** Tells which CPython a module holds by what it says of its version, and finds the layout for that. */
export function buildByVersion(
  search: RuntimeSearch,
  module: MappedModule,
  foundBy: string,
): Build | undefined {
  const version = findVersion(search.memory, module);
  if (version !== undefined) return { version, layout: layoutFor(version) };
  noteDormant(search, module, `${foundBy}: it has not made the text of its version, as it does at its start`);
  return undefined;
}

/** The roots that a `_PyRuntime` at an address has. */
export function rootsOf(layout: Layout, runtime: Address): RuntimeRoots {
  const members = layout.runtime;
  if (members === undefined)
    throw new RangeError(`Cannot place the roots of CPython ${layout.name}: it has no _PyRuntime`);
  const { currentThreadState, gil } = members;
  return {
    runtime,
    interpreters: { headPointer: offsetBy(runtime, members.interpretersHead) },
    currentThreadState: currentThreadState === undefined ? undefined : offsetBy(runtime, currentThreadState),
    gilWaits: gil === undefined ? undefined : gilWaitsOf(layout, offsetBy(runtime, gil)),
    interpreterLock: undefined,
    youngestGeneration: undefined,
  };
}

/**
 * Accepts a runtime whose newest interpreter holds together, or the main one when the newest is on its way in or out; says
 * why not otherwise.
 */
export function checked(
  search: RuntimeSearch,
  module: MappedModule,
  found: CPythonRuntime,
): CPythonRuntime | undefined {
  const head = readInterpretersHead(search.memory, found.roots);
  if (head === undefined) {
    noteDormant(search, module, `${found.foundBy}: its list of interpreters is empty`);
    return undefined;
  }
  const { layout, roots } = found;
  if (looksLikeInterpreter(search.memory, layout, head, 'either')) return found;
  if (roots.runtime !== undefined && hasMainInterpreter(search.memory, layout, roots.runtime, 'either'))
    return found;
  search.attempts.push(
    `${found.foundBy}: what it calls an interpreter, at ${hex(head)}, does not hold together`,
  );
  return undefined;
}

/** Says that a module has a CPython that is not running. */
function noteDormant(search: RuntimeSearch, module: MappedModule, attempt: string): void {
  search.dormant.add(module);
  search.attempts.push(attempt);
}

/** Tells whether the runtime at an address has a main interpreter that holds together, as only a true one has. */
export function hasMainInterpreter(
  memory: Memory,
  layout: Layout,
  runtime: Address,
  evidence: 'either' | 'both',
): boolean {
  if (layout.runtime === undefined) return false;
  const main = readPointer(memory, offsetBy(runtime, layout.runtime.interpretersMain));
  return main !== undefined && looksLikeInterpreter(memory, layout, main, evidence);
}

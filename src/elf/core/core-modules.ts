import { type Address, offsetBy } from '../../base/address.ts';
import { decodeOsString } from '../../base/os-string.ts';
import type { Memory } from '../../base/ports.ts';
import { lastStartingAtOrBefore, rangeHolding } from '../../base/sorted-search.ts';
import type { CoreFile } from './core-file.ts';
import { CoreMemory } from './core-memory.ts';
import type { CoreFileMapping } from './file-mappings.ts';
import { readMemoryElf } from './memory-elf.ts';

/** The mappings of one file, in address order. */
export type CoreModuleMappings = readonly [CoreFileMapping, ...CoreFileMapping[]];

/** A file of code that was mapped into the process. */
export interface CoreModule {
  /** As the process had it; `[vdso]` for the library that the kernel gives to every process. */
  readonly path: string;
  readonly mappings: CoreModuleMappings;
  /** As the core has it in the memory of the process; `undefined` when it does not. */
  readonly buildId: string | undefined;
  /** The core shows that it is an ELF file; else its start was not dumped, and only the file itself can tell. */
  readonly isSurelyElf: boolean;
  readonly isMainProgram: boolean;
}

/** The path under which vdso(7) stands in the maps of a process. */
const VIRTUAL_LIBRARY = '[vdso]';

/** Longest path that the kernel takes (PATH_MAX of limits.h). */
const MAX_PATH_BYTES = 4096;

/** The smallest pages that there are: no mapping ends within one. */
const PAGE_BYTES = 4096;

/**
 * Finds the modules of a core in address order, with the build ids that are in its memory. Mapped files that are no ELF
 * files are left out. A core without a list of mapped files has none but the vDSO.
 */
export function findCoreModules(core: CoreFile): readonly CoreModule[] {
  const memory = new CoreMemory(core, () => undefined);
  const groups = groupByFile(core.fileMappings);
  const program = mainProgramOf(core, memory, groups);
  const found = groups.map((mappings) => {
    const [{ start, fileOffset }] = mappings;
    return { mappings, elf: fileOffset === 0 ? readMemoryElf(memory, start) : undefined };
  });
  // Where the starts of ELF files were dumped, a start that was left out is that of another file.
  const hasStarts = found.some(({ elf }) => elf !== undefined && elf !== 'other');
  const modules = found.flatMap(({ mappings, elf }): readonly CoreModule[] => {
    const [{ path, start }] = mappings;
    if (elf === 'other' || (elf === undefined && hasStarts && !isCutOff(core, start))) return [];
    const isMainProgram = mappings === program;
    return [{ path, mappings, buildId: elf?.buildId, isSurelyElf: elf !== undefined, isMainProgram }];
  });
  const virtual = virtualLibraryOf(core, memory);
  return virtual === undefined
    ? modules
    : [...modules, virtual].sort((one, other) => one.mappings[0].start - other.mappings[0].start);
}

function isCutOff({ segments }: CoreFile, start: Address): boolean {
  const segment = rangeHolding(segments, start);
  return segment !== undefined && segment.presentBytes < segment.dumpedBytes;
}

/**
 * Reads the path that was executed, AT_EXECFN: that of a script where a `#!` line named the program.
 * @returns `undefined` when the core does not hold it
 */
export function readExecutedPath(core: CoreFile, memory: Memory): string | undefined {
  const at = core.notes.auxiliaryVector?.executablePath;
  return at === undefined ? undefined : readText(memory, at);
}

/**
 * Sorts mappings by the file that they show: one behind the other, with growing offsets, or without anything between. A gap
 * between segments may show the file further on than the next segment does. The same file mapped a second time is
 * a module of its own.
 */
function groupByFile(mappings: readonly CoreFileMapping[]): readonly CoreModuleMappings[] {
  const groups: [CoreFileMapping, ...CoreFileMapping[]][] = [];
  for (const mapping of mappings) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const belongs =
      last !== undefined &&
      last.path === mapping.path &&
      last.isDeleted === mapping.isDeleted &&
      (mapping.fileOffset >= last.fileOffset || (mapping.fileOffset > 0 && mapping.start === last.end));
    if (belongs) group?.push(mapping);
    else groups.push([mapping]);
  }
  return groups;
}

/**
 * The program itself is where the kernel says that its program headers are, whatever script was executed; else by the
 * path that was executed, or the first word of the command line.
 */
function mainProgramOf(
  core: CoreFile,
  memory: Memory,
  groups: readonly CoreModuleMappings[],
): CoreModuleMappings | undefined {
  const { auxiliaryVector, process } = core.notes;
  for (const address of [auxiliaryVector?.programHeaders, auxiliaryVector?.entry]) {
    const group = address === undefined ? undefined : groupAt(groups, address);
    if (group !== undefined) return group;
  }
  const [firstWord] = process?.commandLine.split(' ') ?? [];
  const names = [readExecutedPath(core, memory), firstWord].map((name) => name && baseName(name));
  return groups.find(([{ path }]) => names.includes(baseName(path)));
}

function groupAt(groups: readonly CoreModuleMappings[], address: Address): CoreModuleMappings | undefined {
  const starts = groups.map((group) => ({ start: group[0].start, group }));
  const group = starts[lastStartingAtOrBefore(starts, address)]?.group;
  return group?.some(({ start, end }) => start <= address && address < end) === true ? group : undefined;
}

/** It has no file, and the kernel always dumps it. */
function virtualLibraryOf(core: CoreFile, memory: Memory): CoreModule | undefined {
  const at = core.notes.auxiliaryVector?.virtualLibrary;
  const segment = at === undefined ? undefined : rangeHolding(core.segments, at);
  if (at === undefined || segment?.start !== at) return undefined;
  const elf = readMemoryElf(memory, at);
  if (elf === undefined || elf === 'other') return undefined;
  const mapping = { start: at, end: segment.end, fileOffset: 0, path: VIRTUAL_LIBRARY, isDeleted: false };
  return {
    path: VIRTUAL_LIBRARY,
    mappings: [mapping],
    buildId: elf.buildId,
    isSurelyElf: true,
    isMainProgram: false,
  };
}

/** Page by page, as the text may lie at the end of the stack. */
function readText(memory: Memory, address: Address): string | undefined {
  const parts: Uint8Array[] = [];
  for (let at = address; at - address < MAX_PATH_BYTES; ) {
    const sizeBytes = PAGE_BYTES - (at % PAGE_BYTES);
    const [bytes] = memory.readMany([{ address: at, sizeBytes }]);
    if (bytes === undefined) return undefined;
    const end = bytes.indexOf(0);
    parts.push(end === -1 ? bytes : bytes.subarray(0, end));
    if (end !== -1) return decodeOsString(Buffer.concat(parts));
    at = offsetBy(at, sizeBytes);
  }
  return undefined;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

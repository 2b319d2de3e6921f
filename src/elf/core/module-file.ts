import type { ByteSource } from '../../base/ports.ts';
import { parseIfSound } from '../../base/read-if-sound.ts';
import { type ElfFile, readElf } from '../elf-file.ts';
import { type Loadable, loadBiasOf } from '../load-bias.ts';
import type { CoreModule, CoreModuleMappings } from './core-modules.ts';
import type { CoreFileMapping } from './file-mappings.ts';

/** The file of a module as it lies here. */
export interface CoreModuleFile {
  readonly elf: ElfFile;
  readonly source: ByteSource;
  /** What to add to an address of the file to get that in the process. */
  readonly bias: number;
  /** Whether the build id was compared, or only the layout since the core does not tell the build id. */
  readonly isVerified: boolean;
}

/** Why a module has no file. */
export interface LackingModuleFile {
  /** `missing` when no file is there; `mismatching` when one is, and another one was mapped. */
  readonly state: 'missing' | 'mismatching';
  /** As the process had it. */
  readonly path: string;
  /** Of what was mapped; `undefined` when the core does not tell. */
  readonly expectedBuildId: string | undefined;
  /** Of the file that is here instead; `undefined` when there is none, or it has none. */
  readonly foundBuildId: string | undefined;
}

/** What came of looking for the file of a module: neither where there was nothing to look for. */
export interface ModuleFileSearch {
  readonly file?: CoreModuleFile;
  readonly lacking?: LackingModuleFile;
}

/**
 * Finds the file of a module among some paths: the first whose build id is that which was mapped. Where the core does not
 * tell the build id, the first whose segments lie as they were mapped.
 * @param open gives the bytes of a file; `undefined` when there is none
 */
export function findModuleFile(
  module: CoreModule,
  paths: readonly string[],
  open: (path: string) => ByteSource | undefined,
): ModuleFileSearch {
  if (paths.length === 0) return {};
  let found: { readonly buildId: string | undefined } | undefined;
  for (const path of paths) {
    const source = open(path);
    if (source === undefined) continue;
    const elf = tryElf(source);
    // Where the core does not show what kind of file it was, one that is no ELF file here was none there.
    if (elf === undefined && !module.isSurelyElf) return {};
    const buildId = elf === undefined ? undefined : buildIdOf(elf);
    const file = elf === undefined ? undefined : fileIfMapped(module, { elf, source, buildId });
    if (file !== undefined) return { file };
    found ??= { buildId };
  }
  return {
    lacking: {
      state: found === undefined ? 'missing' : 'mismatching',
      path: module.path,
      expectedBuildId: module.buildId,
      foundBuildId: found?.buildId,
    },
  };
}

interface FoundFile {
  readonly elf: ElfFile;
  readonly source: ByteSource;
  readonly buildId: string | undefined;
}

function fileIfMapped(
  { buildId: wanted, mappings }: CoreModule,
  { elf, source, buildId }: FoundFile,
): CoreModuleFile | undefined {
  const isVerified = wanted !== undefined;
  const bias = biasOfMappings(elf, mappings);
  return bias === undefined || (isVerified && buildId !== wanted)
    ? undefined
    : { elf, source, bias, isVerified };
}

/**
 * The distance that explains all mappings of a file; `undefined` when none does. Which of them hold code is not asked,
 * as gdb leaves those out of a core.
 */
function biasOfMappings(elf: Loadable, mappings: CoreModuleMappings): number | undefined {
  const explained = mappings
    .map((mapping) => ({ mapping, biases: biasesOf(elf, mapping) }))
    .filter(({ biases }) => biases.size > 0);
  // The first one is no gap.
  const [first, ...others] = explained;
  if (first === undefined) return undefined;
  return [...first.biases].find((bias) =>
    others.every(({ mapping, biases }) => biases.has(bias) || isGap(elf, mapping, bias)),
  );
}

function biasesOf(elf: Loadable, { start, fileOffset }: CoreFileMapping): ReadonlySet<number> {
  const biases = [true, false].map((isExecutable) => loadBiasOf(elf, { start, fileOffset, isExecutable }));
  return new Set(biases.filter((bias) => bias !== undefined));
}

/**
 * Tells whether a mapping lies between two segments, where it shows whatever follows in the file: the loader maps the
 * whole stretch before it maps each segment.
 */
function isGap({ segments }: Loadable, { start, end }: CoreFileMapping, bias: number): boolean {
  const loaded = segments
    .filter(({ type }) => type === 'load')
    .map(({ virtualAddress, memorySize }) => ({
      from: bias + virtualAddress,
      to: bias + virtualAddress + memorySize,
    }));
  return (
    loaded.some(({ to }) => to <= start) &&
    loaded.some(({ from }) => end <= from) &&
    loaded.every(({ from, to }) => to <= start || end <= from)
  );
}

function tryElf(source: ByteSource): ElfFile | undefined {
  return parseIfSound(() => readElf(source));
}

function buildIdOf(elf: ElfFile): string | undefined {
  return parseIfSound(() => elf.buildId);
}

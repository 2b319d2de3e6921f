import { BoundedCache } from './bounded-cache.ts';
import { DebugFile } from './debug-file.ts';
import type { DebugSections } from './debug-sections.ts';
import { AT } from './dwarf-constants.ts';
import { readEntry } from './entry.ts';
import { findInlinedCalls } from './function-index.ts';
import { functionNameOf } from './function-name.ts';
import type { SourcePlace } from './line-table.ts';
import { PagedSection } from './paged-section.ts';
import { SectionCursor } from './section-cursor.ts';
import { type FindSplitFile, SplitUnits } from './split-units.ts';
import type { Unit } from './unit.ts';
import { UnitIndex } from './unit-index.ts';
import { WorkBudget } from './work-budget.ts';

/** A function that runs at an address: the one that the code was compiled for, or one that was inlined into it. */
export interface SourceFrame extends SourcePlace {
  /** As in the source, without namespace or class; `undefined` where only the line is known. */
  readonly name: string | undefined;
  /** As the linker knows it, still mangled, where the compiler wrote it. */
  readonly linkageName: string | undefined;
  /** Whether it was inlined into the next frame. */
  readonly isInlined: boolean;
}

/** The file that `dwz` moved shared entries to, as `.gnu_debugaltlink` names it. */
export interface AlternateFileName {
  /** Absolute, or relative to the directory of the file that names it. */
  readonly fileName: string;
  /** In hexadecimal. */
  readonly buildId: string;
}

/** Where the other files of debugging information come from, and what is kept in memory. */
export interface DebugInfoOptions {
  /** Asked when an entry lies in the alternate file; left out, names from there are missing. */
  readonly findAlternateFile?: (wanted: AlternateFileName) => DebugSections | undefined;
  /** Asked for each unit of a program built with `-gsplit-dwarf`; left out, only lines are known of them. */
  readonly findSplitFile?: FindSplitFile;
  /** What is kept in memory; files that share one have one bound together. */
  readonly cache?: BoundedCache;
}

/** The DWARF debugging information of a program or library: from an address to functions, files and lines. */
export class DebugInfo {
  readonly #units: UnitIndex;
  readonly #budget = new WorkBudget();
  readonly #splitUnits: SplitUnits;

  constructor(sections: DebugSections, options: DebugInfoOptions) {
    const shared = { cache: options.cache ?? new BoundedCache(), budget: this.#budget };
    const findAlternate = (): DebugFile | undefined => {
      const found = findAlternateSections(sections, options);
      const none = (): undefined => undefined;
      return found === undefined
        ? undefined
        : new DebugFile(found, { ...shared, isSplit: false, findAlternate: none });
    };
    this.#units = new UnitIndex(new DebugFile(sections, { ...shared, isSplit: false, findAlternate }));
    this.#splitUnits = new SplitUnits(options.findSplitFile ?? (() => undefined), shared);
  }

  /**
   * Tells what runs at an address of the file's own, innermost function first; the last frame is the function that was
   * compiled, the others were inlined. Empty when nothing is known of the address.
   * @throws {MalformedInputError} where the information is damaged
   */
  resolve(address: number): readonly SourceFrame[] {
    this.#budget.renew();
    let lineOnly: readonly SourceFrame[] = [];
    for (const unit of this.#units.unitsAt(address)) {
      const entries = this.#splitUnits.of(unit) ?? unit;
      const frames = framesIn(entries, address);
      if (frames !== undefined) return frames;
      if (lineOnly.length === 0) lineOnly = lineFrame(entries, address);
    }
    return lineOnly;
  }
}

/** Opens the debugging information of a file; nothing is read before an address is asked for. */
export function openDebugInfo(sections: DebugSections, options: DebugInfoOptions = {}): DebugInfo {
  return new DebugInfo(sections, options);
}

function framesIn(unit: Unit, address: number): readonly SourceFrame[] | undefined {
  const functionOffset = unit.functions('scopes').find(address)[0] ?? unit.functions('all').find(address)[0];
  if (functionOffset === undefined) return undefined;
  const directory = unit.compilationDirectory;
  let place = unit.lines?.find(address, directory);
  const frames: SourceFrame[] = [];
  for (const offset of findInlinedCalls(unit, functionOffset, address).toReversed()) {
    const entry = readEntry(unit, offset);
    frames.push({
      ...functionNameOf({ unit, offset }, entry),
      file: place?.file,
      line: place?.line,
      column: place?.column,
      isInlined: offset !== functionOffset,
    });
    const callFile = entry.attributes.get(AT.callFile)?.value;
    place = {
      file: callFile === undefined ? undefined : unit.lines?.path(callFile, directory),
      line: positive(entry.attributes.get(AT.callLine)?.value),
      column: positive(entry.attributes.get(AT.callColumn)?.value),
    };
  }
  return frames;
}

/** What is left to say where the unit of an address has no function there: assembly, or a missing split file. */
function lineFrame(unit: Unit, address: number): readonly SourceFrame[] {
  const place = unit.lines?.find(address, unit.compilationDirectory);
  return place === undefined ? [] : [{ name: undefined, linkageName: undefined, ...place, isInlined: false }];
}

/** Compilers write 0 for what they do not know. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function findAlternateSections(
  sections: DebugSections,
  { findAlternateFile, cache = new BoundedCache() }: DebugInfoOptions,
): DebugSections | undefined {
  const section = sections.section('.gnu_debugaltlink');
  if (section === undefined || findAlternateFile === undefined) return undefined;
  const paged = new PagedSection(section, cache);
  const cursor = new SectionCursor(paged);
  const fileName = cursor.cString();
  const buildId = Buffer.from(paged.bytesFrom(cursor.offset, paged.sizeBytes - cursor.offset)).toString(
    'hex',
  );
  return findAlternateFile({ fileName, buildId });
}

import { stringOf } from './attribute-values.ts';
import { DebugFile, type DebugFileOptions } from './debug-file.ts';
import type { DebugSections } from './debug-sections.ts';
import { AT } from './dwarf-constants.ts';
import { findContribution } from './package-index.ts';
import { type Contribution, Unit } from './unit.ts';
import { readUnitHeader, type UnitHeader } from './unit-header.ts';

/** What a skeleton unit says about the file that holds the rest of it. */
export interface SplitFileName {
  /** As the compiler was given it: mostly relative to the directory. */
  readonly name: string;
  readonly compilationDirectory: string | undefined;
  /** What both share; files of another build have another one. */
  readonly dwoId: bigint;
}

/**
 * Finds a `.dwo`, or the `.dwp` that it was packed into; `undefined` where there is none. Asked once for each unit: units
 * of one package share what was read of it when they are given the same object.
 */
export type FindSplitFile = (wanted: SplitFileName) => DebugSections | undefined;

const NO_CONTRIBUTION: Contribution = { abbrev: 0, strOffsets: 0, rnglists: 0 };

/** Finds the split units that belong to the skeleton units of a program, each once. */
export class SplitUnits {
  readonly #find: FindSplitFile;
  readonly #shared: Pick<DebugFileOptions, 'cache' | 'budget'>;
  readonly #files = new WeakMap<DebugSections, DebugFile>();
  readonly #units = new WeakMap<Unit, { readonly unit: Unit | undefined }>();

  constructor(find: FindSplitFile, shared: Pick<DebugFileOptions, 'cache' | 'budget'>) {
    this.#find = find;
    this.#shared = shared;
  }

  /** The unit that holds what a skeleton leaves out; `undefined` for a whole unit, and where the file is missing. */
  of(skeleton: Unit): Unit | undefined {
    let known = this.#units.get(skeleton);
    if (known === undefined) {
      known = { unit: this.#findFor(skeleton) };
      this.#units.set(skeleton, known);
    }
    return known.unit;
  }

  #findFor(skeleton: Unit): Unit | undefined {
    const name = stringOf(skeleton, skeleton.rootValue(AT.dwoName, AT.gnuDwoName));
    const dwoId = dwoIdOf(skeleton);
    if (name === undefined || dwoId === undefined) return undefined;
    const sections = this.#find({ name, compilationDirectory: skeleton.compilationDirectory, dwoId });
    if (sections === undefined) return undefined;
    let file = this.#files.get(sections);
    if (file === undefined) {
      file = new DebugFile(sections, { ...this.#shared, isSplit: true, findAlternate: () => undefined });
      this.#files.set(sections, file);
    }
    return findUnit(file, skeleton, dwoId);
  }
}

/** The id is in the header from DWARF 5 on, and in an attribute before. */
function dwoIdOf(unit: Unit): bigint | undefined {
  if (unit.header.dwoId !== undefined) return unit.header.dwoId;
  const value = unit.rootValue(AT.gnuDwoId);
  return value === undefined ? undefined : unit.cursor(value.writtenAt).exactU64();
}

function findUnit(file: DebugFile, skeleton: Unit, dwoId: bigint): Unit | undefined {
  const index = file.section('cu_index');
  if (index !== undefined) {
    const info = file.section('info');
    const found = findContribution(index, dwoId);
    if (found === undefined || info === undefined) return undefined;
    return unitOf(file, readUnitHeader(info, found.info), { skeleton, contribution: found });
  }
  for (const header of file.headers()) {
    const unit = unitOf(file, header, { skeleton, contribution: NO_CONTRIBUTION });
    if (unit !== undefined && dwoIdOf(unit) === dwoId) return unit;
  }
  return undefined;
}

function unitOf(
  file: DebugFile,
  header: UnitHeader,
  origin: { readonly skeleton: Unit; readonly contribution: Contribution },
): Unit | undefined {
  return header.kind === 'split' || header.kind === 'compile' ? new Unit(file, header, origin) : undefined;
}

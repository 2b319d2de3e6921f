import { addressFromHalves } from '../base/address.ts';
import type { StructView } from '../base/struct-view.ts';

/** What a symbol stands for, the low half of `st_info`. */
export type SymbolType = 'none' | 'object' | 'function' | 'section' | 'file' | 'common' | 'tls' | 'gnu-ifunc';

/** Who sees a symbol, the high half of `st_info`. */
export type SymbolBinding = 'local' | 'global' | 'weak' | 'gnu-unique';

/** One entry of a symbol table. */
export interface ElfSymbol {
  readonly name: string;
  /** An address of the file's own; for `tls` the offset in the thread-local block. */
  readonly value: number;
  readonly sizeBytes: number;
  /** The number where we have no word for it. */
  readonly type: SymbolType | number;
  /** The number where we have no word for it. */
  readonly binding: SymbolBinding | number;
  /** `st_shndx`; `undefined` for what another file defines. */
  readonly sectionIndex: number | undefined;
}

/** Size of an `Elf64_Sym`. */
export const SYMBOL_BYTES = 24;

const TYPES: Readonly<Record<number, SymbolType>> = {
  0: 'none',
  1: 'object',
  2: 'function',
  3: 'section',
  4: 'file',
  5: 'common',
  6: 'tls',
  10: 'gnu-ifunc',
};

const BINDINGS: Readonly<Record<number, SymbolBinding>> = {
  0: 'local',
  1: 'global',
  2: 'weak',
  10: 'gnu-unique',
};

/** An `Elf64_Sym` whose name is still an offset into the string table. */
export interface RawSymbol extends Omit<ElfSymbol, 'name'> {
  readonly nameOffset: number;
}

/**
 * Decodes the entry at an offset; `undefined` when its value or size lies above 2^53, as constants that are no
 * addresses may.
 */
export function decodeSymbol(view: StructView, at: number): RawSymbol | undefined {
  const value = addressFromHalves(view.u32(at + 8), view.u32(at + 12));
  const sizeBytes = addressFromHalves(view.u32(at + 16), view.u32(at + 20));
  if (value === undefined || sizeBytes === undefined) return undefined;
  const info = view.u8(at + 4);
  const type = info & 0xf;
  const binding = info >> 4;
  return {
    nameOffset: view.u32(at),
    value,
    sizeBytes,
    type: TYPES[type] ?? type,
    binding: BINDINGS[binding] ?? binding,
    sectionIndex: view.u16(at + 6) || undefined,
  };
}

/** Tells whether a symbol is a definition that a program could look up, not a reference or a file's name. */
export function isDefinition({ sectionIndex, type }: RawSymbol): boolean {
  return sectionIndex !== undefined && type !== 'file' && type !== 'section';
}

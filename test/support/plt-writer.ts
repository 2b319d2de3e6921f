import { setWord } from './elf-tables.ts';
import { type SectionToWrite, SHF, SHT } from './elf-writer.ts';

/** Where written stubs lie. */
export const STUBS = 0x2000;

/** R_X86_64 numbers: GLOB_DAT, JUMP_SLOT, RELATIVE and IRELATIVE. */
export const R = { globDat: 6, jumpSlot: 7, relative: 8, irelative: 37 } as const;

/** A word that the loader fills. */
export interface SlotToWrite {
  readonly word: number;
  readonly type?: number;
  readonly symbol?: number;
  readonly addend?: number;
}

/** The bytes of `.rela.plt` or `.rela.dyn`. */
export function relocations(name: string, slots: readonly SlotToWrite[]): SectionToWrite {
  const bytes = new Uint8Array(24 * slots.length);
  const view = new DataView(bytes.buffer);
  slots.forEach(({ word, type = R.jumpSlot, symbol = 0, addend = 0 }, index) => {
    setWord(view, 24 * index, word);
    view.setUint32(24 * index + 8, type, true);
    view.setUint32(24 * index + 12, symbol, true);
    setWord(view, 24 * index + 16, addend);
  });
  return { name, type: SHT.rela, bytes, address: 0 };
}

/** Stubs that jump through words, each with what comes before its jump; `undefined` for a first one without. */
export function stubs(
  name: string,
  entries: readonly ({ readonly before?: readonly number[]; readonly word: number } | undefined)[],
  entryBytes = 16,
): SectionToWrite {
  const bytes = new Uint8Array(entryBytes * entries.length).fill(0x90);
  const view = new DataView(bytes.buffer);
  entries.forEach((entry, index) => {
    if (entry === undefined) return;
    const { before = [], word } = entry;
    const at = entryBytes * index + before.length;
    bytes.set([...before, 0xff, 0x25], at - before.length);
    view.setInt32(at + 2, word - (STUBS + at + 6), true);
  });
  return { name, flags: SHF.alloc | SHF.execute, address: STUBS, bytes, entrySize: entryBytes };
}

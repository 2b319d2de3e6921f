import { type ElfFile, readElf } from '../../src/elf/elf-file.ts';
import { type SymbolToWrite, symbolTable } from './elf-tables.ts';
import { PT, type SectionToWrite, SHF, SHT, writeElf } from './elf-writer.ts';
import { TestSource } from './test-source.ts';

/** Where the code of a written file begins, section 1, and the data behind it, section 2. */
export const CODE = 0x1000;
export const CODE_BYTES = 0x1000;
export const DATA = 0x4000;

/** STT and STB numbers, System V ABI chapter 4. */
export const STT = { notype: 0, object: 1, function: 2, section: 3, file: 4, tls: 6, ifunc: 10 } as const;
export const STB = { local: 0, global: 1, weak: 2 } as const;

/** A file with code, data and symbols, whose instructions nobody looks at. */
export interface CodeFileToWrite {
  readonly symtab?: readonly SymbolToWrite[];
  readonly dynsym?: readonly SymbolToWrite[];
  readonly sections?: readonly SectionToWrite[];
}

/** Writes the bytes of such a file. */
export function writeCodeFile({ symtab, dynsym, sections = [] }: CodeFileToWrite): Uint8Array {
  const executable = SHF.alloc | SHF.execute;
  return writeElf({
    sections: [
      { name: '.text', type: SHT.nobits, flags: executable, address: CODE, sizeBytes: CODE_BYTES },
      { name: '.data', type: SHT.nobits, flags: SHF.alloc | SHF.write, address: DATA, sizeBytes: 0x1000 },
      ...tableSections('symtab', symtab),
      ...tableSections('dynsym', dynsym),
      ...sections,
    ],
    segments: [{ type: PT.load, flags: 5, virtualAddress: CODE, fileSize: 0, memorySize: CODE_BYTES }],
  });
}

/** Opens such a file. */
export function codeFile(file: CodeFileToWrite, name?: string): ElfFile {
  return readElf(new TestSource(writeCodeFile(file), name));
}

function tableSections(
  type: 'symtab' | 'dynsym',
  written: readonly SymbolToWrite[] | undefined,
): readonly SectionToWrite[] {
  if (written === undefined) return [];
  const { symbols, strings } = symbolTable(written.map((symbol) => ({ type: STT.function, ...symbol })));
  const link = type === 'symtab' ? '.strtab' : '.dynstr';
  return [
    { name: `.${type}`, type: SHT[type], bytes: symbols, link, entrySize: 24, address: 0 },
    { name: link, type: SHT.strtab, bytes: strings, address: 0 },
  ];
}

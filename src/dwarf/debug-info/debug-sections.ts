import type { ElfFile } from '../../elf/elf-file.ts';
import { isCompressed } from '../../elf/section-bytes.ts';

/** A section of debugging information: read in parts where it lies in the file as it is, else loaded whole. */
export type DebugSection =
  | {
      readonly isCompressed: false;
      /** What to call it in a message. */
      readonly name: string;
      readonly sizeBytes: number;
      /** @throws {MalformedInputError} when the section ends before `offset + sizeBytes` */
      read(offset: number, sizeBytes: number): Uint8Array;
    }
  | {
      readonly isCompressed: true;
      readonly name: string;
      /** @throws {MalformedInputError} for what does not decompress */
      load(): Uint8Array;
    };

/** A file with debugging information: a program, its debug file, a `.dwo`, a `.dwp`, or what a test wrote. */
export interface DebugSections {
  /** The section of that name; `undefined` where the file has none, or none with bytes. */
  section(name: string): DebugSection | undefined;
}

/** The debugging sections of an ELF file, which must stay readable as long. */
export function debugSectionsOf(elf: ElfFile): DebugSections {
  return {
    section(name) {
      const section = elf.findSection(name) ?? elf.findSection(name.replace('.debug_', '.zdebug_'));
      if (section === undefined || section.type === 'nobits') return undefined;
      const what = `${name} of ${elf.name}`;
      if (isCompressed(section))
        return { isCompressed: true, name: what, load: () => elf.sectionBytes(section) };
      return {
        isCompressed: false,
        name: what,
        sizeBytes: section.sizeBytes,
        read: (offset, sizeBytes) => elf.sectionPart(section, { fileOffset: offset, sizeBytes }),
      };
    },
  };
}

import type { ElfFile } from '../../elf/elf-file.ts';
import type { ElfSection } from '../../elf/section.ts';
import { CallFrames, type SearchableSection } from './call-frames.ts';
import { LazyBytes } from './lazy-bytes.ts';
import { SearchTable, type SearchTableSection } from './search-table.ts';

const SHF_COMPRESSED = 0x800;

/**
 * Opens the call frame information of a program or library: its `.eh_frame`, then its `.debug_frame`, then those of
 * its separate debug file. The files must stay readable as long.
 */
export function openCallFrames(elf: ElfFile, debugFile?: ElfFile): CallFrames {
  const files = debugFile === undefined ? [elf] : [elf, debugFile];
  return new CallFrames(files.map((file) => () => frameSections(file)));
}

function* frameSections(elf: ElfFile): Generator<SearchableSection> {
  if (elf.sections.length === 0) {
    yield* mappedFrameSections(elf);
    return;
  }
  const [text, data] = [sectionWithBytes(elf, '.text'), sectionWithBytes(elf, '.got')];
  for (const kind of ['eh_frame', 'debug_frame'] as const) {
    const section = sectionWithBytes(elf, `.${kind}`);
    if (section === undefined) continue;
    yield {
      section: {
        kind,
        name: `${section.name} of ${elf.name}`,
        address: section.address,
        bytes: lazyBytesOf(elf, section),
        text: text?.address,
        data: data?.address,
      },
      table: kind === 'eh_frame' ? searchTableSection(elf) : undefined,
    };
  }
}

/** Debug files keep the headers of the sections that were left out of them. */
function sectionWithBytes(elf: ElfFile, name: string): ElfSection | undefined {
  return elf.sections.find((section) => section.name === name && section.type !== 'nobits');
}

function searchTableSection(elf: ElfFile): SearchTableSection | undefined {
  const section = sectionWithBytes(elf, '.eh_frame_hdr');
  if (section === undefined) return undefined;
  const name = `${section.name} of ${elf.name}`;
  return { name, address: section.address, bytes: lazyBytesOf(elf, section) };
}

/** A compressed section has to be read whole; it is, at the first read. */
function lazyBytesOf(elf: ElfFile, section: ElfSection): LazyBytes {
  if ((section.flags & SHF_COMPRESSED) !== 0) {
    const whole = elf.sectionBytes(section);
    return new LazyBytes(whole.length, (offset, sizeBytes) => whole.subarray(offset, offset + sizeBytes));
  }
  return lazyRange(elf, section, `section ${section.name}`);
}

function lazyRange(
  elf: ElfFile,
  range: { readonly fileOffset: number; readonly sizeBytes: number },
  what: string,
): LazyBytes {
  return new LazyBytes(range.sizeBytes, (offset, sizeBytes) =>
    elf.rangeBytes({ fileOffset: range.fileOffset + offset, sizeBytes }, what),
  );
}

/** Without section headers, as in a file that is read from memory, the program headers lead to the table. */
function* mappedFrameSections(elf: ElfFile): Generator<SearchableSection> {
  const segment = elf.segments.find(({ type }) => type === 'gnu-eh-frame');
  if (segment === undefined) return;
  const { fileOffset, fileSize, virtualAddress } = segment;
  const table = {
    name: `.eh_frame_hdr of ${elf.name}`,
    address: virtualAddress,
    bytes: lazyRange(elf, { fileOffset, sizeBytes: fileSize }, 'segment gnu-eh-frame'),
  };
  const { frameAddress } = new SearchTable(table);
  const place = placeOf(elf, frameAddress);
  if (place === undefined) return;
  yield {
    section: {
      kind: 'eh_frame',
      name: `.eh_frame of ${elf.name}`,
      address: frameAddress,
      bytes: lazyRange(elf, place, '.eh_frame'),
      text: undefined,
      data: undefined,
    },
    table,
  };
}

/** Where the file has what is loaded at an address, up to the end of its segment: the section ends before or there. */
function placeOf(elf: ElfFile, address: number) {
  for (const { type, virtualAddress, fileOffset, fileSize } of elf.segments) {
    const offset = address - virtualAddress;
    if (type === 'load' && offset >= 0 && offset < fileSize)
      return { fileOffset: fileOffset + offset, sizeBytes: fileSize - offset };
  }
  return undefined;
}

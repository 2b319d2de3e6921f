import { hex } from '../base/address.ts';
import { ByteCursor } from '../base/byte-cursor.ts';
import { StructView } from '../base/struct-view.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { ElfSection } from '../elf/section.ts';

/** One entry of the procedure linkage table: the stub that a call of another file's function goes through. */
export interface PltEntry {
  /** With `@plt` at its end, as gdb names it. */
  readonly name: string;
  readonly start: number;
  readonly sizeBytes: number;
}

/** Sections of stubs: the usual one, that of CET and MPX, that of functions whose address is taken as well. */
const STUB_SECTIONS: ReadonlySet<string> = new Set(['.plt', '.plt.sec', '.plt.got', '.plt.bnd']);

/** Size of an `Elf64_Rela`: place, symbol and type, addend. */
const RELOCATION_BYTES = 24;

/** R_X86_64_GLOB_DAT, JUMP_SLOT and IRELATIVE (System V ABI, AMD64 supplement, chapter 4). */
const SLOT_TYPES: ReadonlySet<number> = new Set([6, 7, 37]);

/** Entries are 16 bytes, or 8 in `.plt.got` without CET. */
const WIDE_ENTRY_BYTES = 16;
const NARROW_ENTRY_BYTES = 8;

/** `jmp *disp32(%rip)`: the opcode, which `endbr64` (F3 0F 1E FA) and `bnd` (F2) may come before. */
const JUMP = [0xff, 0x25] as const;

/** The most bytes before the jump of an entry. */
const MAX_PREFIX_BYTES = 5;

/** Names the stubs of an x86-64 file, each by the relocation of the word that it jumps through. */
export class ProcedureLinkage {
  readonly #elf: ElfFile;
  readonly #sections: readonly ElfSection[];
  readonly #nameOfFunction: (address: number) => string | undefined;
  #slots: ReadonlyMap<number, JumpSlot> | undefined;

  /** @param nameOfFunction names the function of the file's own at an address, as stubs of `STT_GNU_IFUNC` need it */
  constructor(elf: ElfFile, nameOfFunction: (address: number) => string | undefined) {
    this.#elf = elf;
    this.#nameOfFunction = nameOfFunction;
    this.#sections =
      elf.machine === 'x86-64'
        ? elf.sections.filter(({ name, type }) => type === 'progbits' && STUB_SECTIONS.has(name))
        : [];
  }

  /** Finds the stub that an address of the file's own lies in. */
  find(address: number): PltEntry | undefined {
    const section = this.#sections.find(
      (stubs) => address >= stubs.address && address < stubs.address + stubs.sizeBytes,
    );
    if (section === undefined) return undefined;
    const sizeBytes = section.entrySize === NARROW_ENTRY_BYTES ? NARROW_ENTRY_BYTES : WIDE_ENTRY_BYTES;
    const at = Math.floor((address - section.address) / sizeBytes) * sizeBytes;
    const start = section.address + at;
    const word = wordOf(this.#elf.sectionBytes(section).subarray(at, at + sizeBytes), start);
    if (word === undefined) return undefined;
    this.#slots ??= readJumpSlots(this.#elf);
    const slot = this.#slots.get(word);
    const name = slot === undefined ? undefined : this.#nameOf(slot);
    return name === undefined ? undefined : { name: `${name}@plt`, start, sizeBytes };
  }

  #nameOf({ symbolIndex, resolver }: JumpSlot): string | undefined {
    // What the linker bound to an indirect function of the same file has no symbol: it names the resolver.
    if (symbolIndex === 0) return this.#nameOfFunction(resolver) ?? `*ABS*+${hex(resolver)}`;
    return this.#elf.symbolTable('dynsym')?.entryAt(symbolIndex)?.name || undefined;
  }
}

/** The address of the word that a stub jumps through. */
function wordOf(bytes: Uint8Array, start: number): number | undefined {
  for (let at = 0; at <= MAX_PREFIX_BYTES && at + 6 <= bytes.length; at += 1) {
    if (bytes[at] !== JUMP[0] || bytes[at + 1] !== JUMP[1]) continue;
    const displacement = new ByteCursor(bytes, 'stub', at + 2).i32();
    return start + at + 6 + displacement;
  }
  return undefined;
}

/** What the loader puts into one word. */
interface JumpSlot {
  /** Among the dynamic symbols; 0 for none. */
  readonly symbolIndex: number;
  /** The function that is asked where to jump when there is no symbol. */
  readonly resolver: number;
}

function readJumpSlots(elf: ElfFile): ReadonlyMap<number, JumpSlot> {
  const slots = new Map<number, JumpSlot>();
  // The words of `.plt.got` are relocated together with the data, of which a large program has a million.
  const hasShared = elf.findSection('.plt.got') !== undefined;
  for (const name of hasShared ? ['.rela.plt', '.rela.dyn'] : ['.rela.plt']) {
    const section = elf.findSection(name);
    if (section === undefined || section.type !== 'rela') continue;
    const view = new StructView(elf.sectionBytes(section), `${name} of ${elf.name}`);
    for (let at = 0; at + RELOCATION_BYTES <= view.sizeBytes; at += RELOCATION_BYTES) {
      if (!SLOT_TYPES.has(view.u32(at + 8))) continue;
      slots.set(view.ssize(at), { symbolIndex: view.u32(at + 12), resolver: view.ssize(at + 16) });
    }
  }
  return slots;
}

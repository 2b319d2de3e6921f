import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  AT_ENTRY,
  CFA,
  type CommonToWrite,
  type FrameLibraryToWrite,
  writeFrameLibrary,
  writeFrames,
} from '../../../test/support/call-frame-writer.ts';
import { SHF, SHT, writeElf } from '../../../test/support/elf-writer.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { readElf } from '../../elf/elf-file.ts';
import type { CallFrames } from './call-frames.ts';
import { openCallFrames } from './open-call-frames.ts';

function open(library: FrameLibraryToWrite): CallFrames {
  return openCallFrames(readElf(new TestSource(writeFrameLibrary(library))));
}

/** A function whose CFA tells which one it is. */
const functionAt = (start: number, sizeBytes: number, offset: number, common = 0) => ({
  start,
  sizeBytes,
  common,
  instructions: CFA.defCfaOffset(offset),
});

const THREE = [functionAt(0x3000, 0x100, 32), functionAt(0x1000, 0x80, 16), functionAt(0x1080, 0x20, 24)];

/** The CFA offset at each address. */
function offsetsAt(frames: CallFrames, ...addresses: readonly number[]): readonly (number | undefined)[] {
  return addresses.map((address) => {
    const cfa = frames.rowAt(address)?.cfa;
    return cfa?.kind === 'register' ? cfa.offset : undefined;
  });
}

const PLACES = [0xfff, 0x1000, 0x107f, 0x1080, 0x109f, 0x10a0, 0x2fff, 0x3000, 0x30ff, 0x3100];
const FOUND = [undefined, 16, 16, 24, 24, undefined, undefined, 32, 32, undefined];

describe('CallFrames', () => {
  test.each<[string, FrameLibraryToWrite]>([
    ['.eh_frame with its table', { ehFrame: { frames: THREE } }],
    ['.eh_frame with a table of absolute addresses', { ehFrame: { frames: THREE }, searchTable: 4 }],
    ['.eh_frame with a table of pc-relative addresses', { ehFrame: { frames: THREE }, searchTable: 0x1b }],
    ['.eh_frame with a table that cannot be searched', { ehFrame: { frames: THREE }, searchTable: 0x31 }],
    ['.eh_frame without a table', { ehFrame: { frames: THREE }, searchTable: false }],
    ['.eh_frame that program headers lead to', { ehFrame: { frames: THREE }, hasSectionHeaders: false }],
    ['.eh_frame of 64-bit DWARF', { ehFrame: { frames: THREE, is64Bit: true } }],
    ['.debug_frame', { debugFrame: { frames: THREE, commons: [{ version: 3, augmentation: '' }] } }],
    [
      '.debug_frame of version 4',
      { debugFrame: { frames: THREE, commons: [{ version: 4, augmentation: '' }] } },
    ],
    [
      '.debug_frame of 64-bit DWARF',
      { debugFrame: { frames: THREE, commons: [{ version: 4, augmentation: '' }], is64Bit: true } },
    ],
  ])('finds the row of each address in %s', (_, library) => {
    expect(offsetsAt(open(library), ...PLACES)).toEqual(FOUND);
  });

  test('finds the row in a compressed .debug_frame', () => {
    const { bytes } = writeFrames({ kind: 'debug_frame', frames: THREE, commons: [{ augmentation: '' }] });
    const header = Buffer.alloc(24);
    header.writeUInt32LE(1, 0);
    header.writeUInt32LE(bytes.length, 8);
    const section = {
      name: '.debug_frame',
      bytes: Buffer.concat([header, deflateSync(bytes)]),
      flags: SHF.compressed,
    };
    expect(offsetsAt(open({ sections: [section] }), ...PLACES)).toEqual(FOUND);
  });

  test('asks .eh_frame first, and .debug_frame for what that does not cover', () => {
    const frames = open({
      ehFrame: { frames: [functionAt(0x1000, 0x10, 16)] },
      debugFrame: {
        frames: [functionAt(0x1000, 0x20, 48), functionAt(0x2000, 0x10, 56)],
        commons: [{ augmentation: '' }],
      },
    });
    expect(offsetsAt(frames, 0x1000, 0x1010, 0x2000, 0x3000)).toEqual([16, 48, 56, undefined]);
  });

  test('asks the separate debug file last, whose .eh_frame has no bytes', () => {
    const { bytes } = writeFrames({ kind: 'debug_frame', frames: THREE, commons: [{ augmentation: '' }] });
    const debugFile = writeElf({
      sections: [
        { name: '.eh_frame', type: SHT.nobits, sizeBytes: 0x1000 },
        { name: '.debug_frame', bytes },
      ],
    });
    const program = writeFrameLibrary({ ehFrame: { frames: [functionAt(0x1000, 0x10, 8)] } });
    const [elf, debug] = [program, debugFile].map((file) => readElf(new TestSource(file)));
    if (elf === undefined) throw new TypeError('two files were written');
    expect(offsetsAt(openCallFrames(elf, debug), 0x1000, 0x1010)).toEqual([8, 16]);
  });

  test('has no rows in a file without call frame information', () => {
    expect(open({}).rowAt(0x1000)).toBeUndefined();
    expect(open({ hasSectionHeaders: false }).rowAt(0x1000)).toBeUndefined();
  });

  test('passes over the FDE of a function that the linker left out', () => {
    const frames = [functionAt(0, 0x10_0000, 80), functionAt(0x1000, 0x10, 16), functionAt(0x1008, 0, 24)];
    expect(offsetsAt(open({ ehFrame: { frames }, searchTable: false }), 0x1008, 0x1010)).toEqual([
      16,
      undefined,
    ]);
  });

  test('scans when the table leads to what is no FDE', () => {
    const file = writeFrameLibrary({ ehFrame: { frames: THREE } });
    const elf = readElf(new TestSource(file));
    const table = elf.findSection('.eh_frame_hdr');
    const start = (table?.fileOffset ?? 0) + 12;
    for (let index = 0; index < THREE.length; index += 1)
      file.fill(0x7f, start + 8 * index + 4, start + 8 * index + 6);
    expect(offsetsAt(openCallFrames(elf), 0x1000, 0x1080, 0x30ff)).toEqual([16, 24, 32]);
  });

  test('reads only what leads to a row, and that once', () => {
    const frames = Array.from({ length: 20_000 }, (_, index) => functionAt(0x1000 + index * 16, 16, 16));
    const source = new TestSource(writeFrameLibrary({ ehFrame: { frames } }));
    const opened = openCallFrames(readElf(source));
    const before = source.reads.length;
    opened.rowAt(0x1000 + 12_345 * 16);
    const reads = source.reads.slice(before);
    expect(reads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThan(source.sizeBytes / 4);
    const after = source.reads.length;
    opened.rowAt(0x1000 + 12_345 * 16);
    opened.rowAt(0x1000 + 12_346 * 16);
    expect(source.reads.length).toBe(after);
  });

  test('forgets rows when there are too many, and finds them again', () => {
    const frames = open({ ehFrame: { frames: [functionAt(0x1000, 0x10_0000, 16)] } });
    const addresses = Array.from({ length: 5000 }, (_, index) => 0x1000 + index);
    expect(new Set(offsetsAt(frames, ...addresses, ...addresses))).toEqual(new Set([16]));
  });

  test.each<[string, CommonToWrite, number]>([
    ['absptr', { pointerEncoding: 0 }, 0x1000],
    ['uleb128', { pointerEncoding: 1 }, 0x1000],
    ['udata2', { pointerEncoding: 2 }, 0x1000],
    ['udata4', { pointerEncoding: 3 }, 0x8000_1000],
    ['udata8', { pointerEncoding: 4 }, 0x7000_0000_1000],
    ['sleb128', { pointerEncoding: 9 }, 0x1000],
    ['sdata2', { pointerEncoding: 10 }, 0x1000],
    ['sdata4', { pointerEncoding: 11 }, 0x1000],
    ['sdata8', { pointerEncoding: 12 }, 0x7000_0000_1000],
    ['pcrel sdata4', { pointerEncoding: 0x1b }, 0x1000],
    ['pcrel sdata8', { pointerEncoding: 0x1c }, 0x7000_0000_1000],
    ['textrel udata4', { pointerEncoding: 0x23 }, 0x5000],
    ['datarel sdata4', { pointerEncoding: 0x3b }, 0x1000],
    ['aligned', { pointerEncoding: 0x50 }, 0x1000],
    ['absptr without an augmentation', { augmentation: '' }, 0x1000],
    ['absptr of an augmentation "eh"', { augmentation: 'eh' }, 0x1000],
  ])('reads addresses encoded as %s', (_, common, start) => {
    const library = {
      ehFrame: { commons: [common], frames: [functionAt(start, 16, 40)], text: 0x4000, data: 0x6000 },
      searchTable: false,
      sections: [
        { name: '.text', address: 0x4000, bytes: new Uint8Array(16) },
        { name: '.got', address: 0x6000, bytes: new Uint8Array(16) },
      ],
    };
    expect(offsetsAt(open(library), start, start + 15, start + 16)).toEqual([40, 40, undefined]);
  });

  test.each<[string, CommonToWrite]>([
    [
      'a personality routine and data of the language',
      { augmentation: 'zPLR', augmentationData: [0x9b, 1, 2, 3, 4, 0x1b, 0x1b] },
    ],
    ['a personality routine that is left out', { augmentation: 'zPR', augmentationData: [0xff, 0x1b] }],
    ['signing with the second key', { augmentation: 'zRB', augmentationData: [0x1b] }],
    ['letters that are unknown', { augmentation: 'zR!', augmentationData: [0x1b, 9, 9, 9] }],
  ])('understands an augmentation with %s', (_, common) => {
    const library = { ehFrame: { commons: [common], frames: [functionAt(0x1000, 16, 40)] } };
    expect(offsetsAt(open(library), 0x1000)).toEqual([40]);
  });

  test('says of a signal trampoline that it is one', () => {
    const common = { augmentation: 'zRS', augmentationData: [0x1b] };
    const row = open({ ehFrame: { commons: [common], frames: [functionAt(0x1000, 16, 40)] } }).rowAt(0x1000);
    expect(row?.isSignalFrame).toBe(true);
  });

  test('takes the return address register of a CIE of version 1 and of later ones', () => {
    const commons = [1, 3].map((version) => ({ version, returnAddressRegister: 30 }));
    const frames = open({
      ehFrame: { commons, frames: [functionAt(0x1000, 16, 8), functionAt(0x2000, 16, 8, 1)] },
    });
    expect([0x1000, 0x2000].map((address) => frames.rowAt(address)?.returnAddressRegister)).toEqual([30, 30]);
  });

  test.each<[string, string, CommonToWrite]>([
    ['an unknown version', 'CIE version 7 is unknown', { version: 7 }],
    ['an unknown augmentation', 'CIE augmentation "armcc+" is unknown', { augmentation: 'armcc+' }],
    ['an unknown pointer encoding', 'pointer encoding 0x1d is unknown', { pointerEncoding: 0x1d }],
    [
      'a pointer through memory',
      "pointer encoding 0x9b leads through the target's memory",
      { pointerEncoding: 0x9b },
    ],
    [
      'a base that is missing',
      'pointer encoding 0x2b has nothing to be relative to',
      { pointerEncoding: 0x2b },
    ],
    [
      'instructions that make no sense',
      'call frame instruction 0x30 is unknown',
      { instructions: [...AT_ENTRY, 0x30] },
    ],
  ])('refuses %s', (_, message, common) => {
    const frames = open({ ehFrame: { commons: [common], frames: [functionAt(0x1000, 16, 40)] } });
    expect(() => frames.rowAt(0x1000)).toThrow(MalformedInputError);
    expect(() => frames.rowAt(0x1000)).toThrow(message);
    expect(() => frames.rowAt(0x1000)).toThrow('.eh_frame of test.so');
  });

  test('passes over a CIE that makes no sense when it scans', () => {
    const frames = [functionAt(0x1000, 16, 40), functionAt(0x2000, 16, 48, 1)];
    const opened = open({ ehFrame: { commons: [{ version: 7 }, {}], frames }, searchTable: false });
    expect(offsetsAt(opened, 0x1000, 0x2000)).toEqual([undefined, 48]);
  });
});

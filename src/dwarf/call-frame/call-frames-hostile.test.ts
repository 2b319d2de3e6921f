import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CFA, type FrameLibraryToWrite, writeFrameLibrary } from '../../../test/support/call-frame-writer.ts';
import { cases, damagedFiles } from '../../../test/support/fuzzing.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { readElf } from '../../elf/elf-file.ts';
import { openCallFrames } from './open-call-frames.ts';

const FRAMES = [0x1000, 0x1100, 0x1200, 0x3000].map((start, index) => ({
  start,
  sizeBytes: 0x100,
  common: index % 2,
  instructions: [
    ...CFA.advance(1),
    ...CFA.defCfaOffset(16),
    ...CFA.offset(6, 2),
    ...CFA.rememberState(),
    ...CFA.advance1(0x20),
    ...CFA.defCfaExpression([0x77, 8, 6]),
    ...CFA.restoreState(),
    ...CFA.valueExpression(3, [0x76, 0]),
  ],
}));

const EH_FRAME = {
  commons: [{}, { augmentation: 'zPLR', augmentationData: [0x9b, 1, 2, 3, 4, 0x1b, 0x1b] }],
  frames: FRAMES,
};

const LIBRARIES: readonly Uint8Array[] = [
  { ehFrame: EH_FRAME },
  { ehFrame: EH_FRAME, searchTable: false },
  { ehFrame: EH_FRAME, hasSectionHeaders: false },
  { ehFrame: { ...EH_FRAME, is64Bit: true } },
  { debugFrame: { commons: [{ version: 4, augmentation: '' }, {}], frames: FRAMES, is64Bit: true } },
].map((library: FrameLibraryToWrite) => writeFrameLibrary(library));

const ADDRESSES = [0, 0x0fff, 0x1000, 0x1001, 0x1021, 0x1150, 0x2000, 0x30ff, 2 ** 53 - 1];

/** Asks for rows; each answer may be a MalformedInputError and nothing else. */
function askAll(bytes: Uint8Array): void {
  const source = new TestSource(bytes);
  try {
    const frames = openCallFrames(readElf(source));
    for (const address of ADDRESSES) askOne(() => frames.rowAt(address));
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
  }
  expect(source.reads.length).toBeLessThan(500);
}

function askOne(ask: () => unknown): void {
  try {
    ask();
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    expect(error.message).toMatch(/^Cannot read .*test\.so.* at offset \d+: /);
  }
}

test('CallFrames answers or throws MalformedInputError for a file cut off anywhere', () => {
  for (const bytes of LIBRARIES)
    for (let end = 0; end <= bytes.length; end += 3) askAll(bytes.subarray(0, end));
});

test('CallFrames answers or throws MalformedInputError for a file with bytes changed', () => {
  const files = damagedFiles(
    LIBRARIES,
    [0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0x7f],
    [0, 0, 0, 0],
    [0x80, 0x80, 0x80],
  );
  fc.assert(
    fc.property(files, (bytes) => {
      askAll(bytes);
    }),
    cases(300),
  );
});

test('CallFrames answers or throws MalformedInputError for sections of random bytes', () => {
  const section = fc.uint8Array({ minLength: 8, maxLength: 300 });
  fc.assert(
    fc.property(section, section, section, (table, ehFrame, debugFrame) => {
      const library = writeFrameLibrary({
        sections: [
          { name: '.eh_frame_hdr', bytes: Uint8Array.from([1, 0x1b, 3, 0x3b, ...table]) },
          { name: '.eh_frame', bytes: ehFrame },
          { name: '.debug_frame', bytes: debugFrame },
        ],
      });
      askAll(library);
    }),
    cases(300),
  );
});

test('CallFrames ends when every entry is a CIE pointer to itself, and when a section claims to be huge', () => {
  // An FDE of .eh_frame whose CIE pointer leads 4 bytes back, to its own start.
  const bytes = new Uint8Array(0x4_0000);
  new Uint32Array(bytes.buffer).forEach((_, index, words) => {
    words[index] = index % 4 === 0 ? 12 : index % 4 === 1 ? 4 : 0;
  });
  askAll(writeFrameLibrary({ sections: [{ name: '.eh_frame', bytes }] }));
  askAll(writeFrameLibrary({ sections: [{ name: '.eh_frame', bytes, sizeBytes: 2 ** 52 }] }));
});

import type { SequentialSource } from '../../base/sequential-source.ts';

/** Sixteen magic numbers, which zstd and LZ4 share (RFC 8878, 3.1.2). */
const FIRST_SKIPPABLE = 0x184d_2a50;
const SKIPPABLE_COUNT = 16;

/** What is skipped at once, so that it need not be held. */
const STEP_BYTES = 64 << 10;

/** How the frames of a format begin, and how one is decompressed whose magic number has been read. */
export interface FrameFormat {
  /** `an LZ4`. */
  readonly name: string;
  readonly magic: number;
  readonly decompress: (input: SequentialSource) => Generator<Uint8Array>;
}

/** Decompresses frames that follow each other; of those between them that hold nothing for us, nothing is held. */
export function* decompressFrames(input: SequentialSource, format: FrameFormat): Generator<Uint8Array> {
  while (input.leftBytes > 0) {
    const magic = input.cursor(4).u32();
    if (isSkippable(magic)) {
      skipFrame(input);
      continue;
    }
    if (magic !== format.magic) throw input.fail(`not ${format.name} frame`);
    yield* format.decompress(input);
  }
}

function isSkippable(magic: number): boolean {
  return magic >= FIRST_SKIPPABLE && magic < FIRST_SKIPPABLE + SKIPPABLE_COUNT;
}

function skipFrame(input: SequentialSource): void {
  for (let left = input.cursor(4).u32(); left > 0; ) {
    const step = Math.min(left, STEP_BYTES);
    input.bytes(step);
    left -= step;
  }
}

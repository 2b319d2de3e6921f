import type { SequentialSource } from '../../base/sequential-source.ts';

/** Sixteen magic numbers, which zstd and LZ4 share (RFC 8878, 3.1.2). */
const FIRST_SKIPPABLE = 0x184d_2a50;
const SKIPPABLE_COUNT = 16;

/** What is skipped at once, so that it need not be held. */
const STEP_BYTES = 64 << 10;

/** Skips a frame that holds nothing for us, of which the magic number has been read; `false` for another frame. */
export function skipSkippableFrame(input: SequentialSource, magic: number): boolean {
  if (magic < FIRST_SKIPPABLE || magic >= FIRST_SKIPPABLE + SKIPPABLE_COUNT) return false;
  for (let left = input.cursor(4).u32(); left > 0; ) {
    const step = Math.min(left, STEP_BYTES);
    input.bytes(step);
    left -= step;
  }
  return true;
}

import { expect, test } from 'vitest';
import { decompressionLine } from './decompression-line.ts';
import { displayWidth } from './display-width.ts';

const HALF = { compression: 'zstd', readBytes: 50, fileBytes: 100, writtenBytes: 300 << 20 };

test('decompressionLine() shows the share of the file that was read, and how much came of it', () => {
  expect(decompressionLine(HALF, 80)).toBe('zstd ━━━━━━━━━━━━────────────  50 %, 300 MiB');
  expect(decompressionLine({ ...HALF, readBytes: 100 }, 80)).toContain('━'.repeat(24));
  expect(decompressionLine({ ...HALF, fileBytes: 0 }, 80)).toContain('100 %');
});

test('decompressionLine() never fills its line, which would begin another one', () => {
  expect(displayWidth(decompressionLine(HALF, 30))).toBeLessThan(30);
});

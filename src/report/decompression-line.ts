import { formatBytes } from '../base/quantities.ts';
import { cutToWidth } from './display-width.ts';

/** How far the decompression of a file has come. */
export interface Decompression {
  /** `gzip`, `zstd`, … */
  readonly compression: string;
  readonly readBytes: number;
  readonly fileBytes: number;
  readonly writtenBytes: number;
}

const BAR_CELLS = 24;

/** Renders how far a decompression has come as one line that fits: `zstd ━━━━────  43 %, 812 MiB`. */
export function decompressionLine(progress: Decompression, columns: number): string {
  const { compression, readBytes, fileBytes, writtenBytes } = progress;
  const share = fileBytes > 0 ? Math.min(1, readBytes / fileBytes) : 1;
  const cells = Math.round(share * BAR_CELLS);
  const bar = `${'━'.repeat(cells)}${'─'.repeat(BAR_CELLS - cells)}`;
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return cutToWidth(
    `${compression} ${bar} ${percent}, ${formatBytes(writtenBytes)}`,
    Math.max(1, columns - 1),
  );
}

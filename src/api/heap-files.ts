import { CannotReadFileError } from '../base/errors.ts';
import type { HeapFigures } from '../model/heap-summary.ts';
import { heapFiguresFromJson } from '../report/heap-summary-json.ts';

/**
 * Reads a heap summary that was saved, as far as it can be compared with another.
 * @throws {CannotReadFileError} for a file that cannot be read, or holds something else
 */
export async function readHeapFigures(path: string): Promise<HeapFigures> {
  const { readInputFile } = await import('../target/host.ts');
  const figures = heapFiguresFromJson(parsed(Buffer.from(readInputFile(path)).toString('utf8')));
  if (figures === undefined)
    throw new CannotReadFileError(path, 'it is no summary of a heap that this pyflight knows');
  return figures;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

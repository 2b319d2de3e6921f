import { type MemoryMapping, parseMapping } from './maps.ts';

/** A stretch of the address space, and how much of it is in memory. */
export interface MappingUse {
  readonly mapping: MemoryMapping;
  readonly residentBytes: number;
  readonly swappedBytes: number;
}

// 7f1c2a000000-7f1c2a021000 rw-p 00000000 00:00 0
// Size:                132 kB
// KernelPageSize:        4 kB
// Rss:                  12 kB
// Swap:                  4 kB
// VmFlags: rd wr mr mw me nr sd
const HEAD = /^[0-9a-f]+-[0-9a-f]+ /u;
const FIELD = /^(Rss|Swap): +(\d+) kB$/u;
const KIBIBYTE = 1024;

/**
 * The mappings of /proc/PID/smaps in address order, as {@link parseMaps} has them.
 * @throws {MalformedInputError} for a mapping of another form
 */
export function parseSmaps(text: string): readonly MappingUse[] {
  const uses: { mapping: MemoryMapping; residentBytes: number; swappedBytes: number }[] = [];
  let offset = 0;
  let isKnown = false;
  for (const line of text.split('\n')) {
    if (HEAD.test(line)) {
      const mapping = parseMapping(line, offset);
      isKnown = mapping !== undefined;
      if (mapping !== undefined) uses.push({ mapping, residentBytes: 0, swappedBytes: 0 });
    }
    const [, field, size] = FIELD.exec(line) ?? [];
    const use = uses.at(-1);
    if (isKnown && use !== undefined && field === 'Rss') use.residentBytes = Number(size) * KIBIBYTE;
    if (isKnown && use !== undefined && field === 'Swap') use.swappedBytes = Number(size) * KIBIBYTE;
    offset += line.length + 1;
  }
  return uses;
}

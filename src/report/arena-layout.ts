import { formatBytes } from '../base/quantities.ts';
import type { ArenaUse, ArenaUses } from '../model/heap-summary.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';
import { wrap } from './wrapping.ts';

/** How they are shown. */
interface Manner {
  readonly style: Style;
  readonly width: number | undefined;
}

/** A part of the arenas. */
interface Part {
  readonly sizeBytes: number;
  readonly words: string;
}

/** Renders what the arenas of small objects take, and what of it is free. */
export function* arenaLines(arenas: ArenaUses, manner: Manner): Generator<string> {
  if (arenas.kind === 'unknown') yield* sentence(`arenas: not known, as ${arenas.reason}`, manner);
  else if (arenas.allocators.length > 0) yield* partLines(arenas.allocators, manner);
  else
    yield* sentence(
      'arenas: none, all memory is that of malloc, or of mimalloc where Python has that',
      manner,
    );
}

function sentence(text: string, { width }: Manner): Generator<string> {
  return wrap(text, '', width ?? Number.POSITIVE_INFINITY);
}

function partLines(allocators: readonly ArenaUse[], { style, width }: Manner): Generator<string> {
  const sum = (sizeOf: (use: ArenaUse) => number) => allocators.reduce((all, use) => all + sizeOf(use), 0);
  const parts: readonly Part[] = [
    { sizeBytes: sum((use) => use.usedBytes), words: `${sum((use) => use.blockCount)} blocks in use` },
    { sizeBytes: sum((use) => use.freeBlockBytes), words: 'free, in pools in use' },
    { sizeBytes: sum((use) => use.freePoolBytes), words: 'free pools' },
  ];
  const sizeBytes = sum((use) => use.sizeBytes);
  const rest = sizeBytes - parts.reduce((all, part) => all + part.sizeBytes, 0);
  const owners = allocators.length > 1 ? ` of ${allocators.length} interpreters` : '';
  const total: Part = { sizeBytes, words: `all ${sum((use) => use.arenaCount)}${owners}` };
  return tableLines<Part>([...parts, { sizeBytes: rest, words: 'heads of pools, remnants' }, total], {
    columns: [
      {
        heading: 'SIZE',
        importance: 1,
        isRightAligned: true,
        format: (part) => formatBytes(part.sizeBytes),
      },
    ],
    last: { heading: 'ARENAS', narrowest: 21, format: ({ words }) => words },
    style,
    width,
  });
}

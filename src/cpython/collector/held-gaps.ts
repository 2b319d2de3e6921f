import type { Layout } from '../layouts/layout.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import type { HoldingKind } from './holding-kind.ts';

/** A part of a struct, from its start on. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const WORD = 8;

/** The places of the table within a set, `PySet_MINSIZE`, and within a dict of Python 2, `PyDict_MINSIZE`. */
const SMALL_PLACES = 8;
const ENTRY2_BYTES = 24;

/** `f_gen`, which a frame does not hold, lies before `f_lasti`, to 3.10; in 2.7 the thread does. What follows are numbers. */
const GENERATOR_BEFORE_LAST = 8;

/** The object that is referred to, and the links to its other weak references; the same in 2.7 to 3.15 (cpython/Include/weakrefobject.h). */
const WEAK_REFERENCE = { object: 0, links: 24, end: 40 };

/**
 * The parts of a struct of a type in which there are references that count: all but what its objects only point to, and what is
 * left over there from before.
 */
export function holdingStretches(layout: Layout, type: TypeFacts, kind: HoldingKind): readonly Stretch[] {
  const end = Math.ceil(type.basicSize / WORD) * WORD;
  const stretches: Stretch[] = [];
  let from = layout.object.sizeBytes;
  for (const gap of gapsOf(layout, type, kind).toSorted((a, b) => a.from - b.from)) {
    if (gap.from > from) stretches.push({ from, to: Math.min(gap.from, end) });
    from = Math.max(from, gap.to);
  }
  return from < end ? [...stretches, { from, to: end }] : stretches;
}

function gapsOf(layout: Layout, type: TypeFacts, kind: HoldingKind): readonly Stretch[] {
  const { weakListOffset } = type;
  // Weak references to an object are not held by it.
  const weakList = weakListOffset > 0 ? [wordAt(weakListOffset)] : [];
  return [...weakList, ...gapsOfKind(layout, type, kind)];
}

function gapsOfKind(layout: Layout, type: TypeFacts, kind: HoldingKind): readonly Stretch[] {
  const head = layout.object.sizeBytes;
  switch (kind) {
    // What has outgrown its own table leaves there what it had.
    case 'set':
      return [table(layout.set.smallTable, layout.set.entrySize)];
    case 'dict':
      return layout.dict.smallTable === undefined ? [] : [table(layout.dict.smallTable, ENTRY2_BYTES)];
    case 'weak':
      return [
        wordAt(head + WEAK_REFERENCE.object),
        { from: head + WEAK_REFERENCE.links, to: head + WEAK_REFERENCE.end },
      ];
    case 'generator':
      return [generatorGap(layout.generator, type)];
    case 'frame':
      return [toEnd(layout.frameObject?.data ?? layout.frame.lastInstruction - GENERATOR_BEFORE_LAST)];
    default:
      return [];
  }
}

/**
 * The flags of a generator, behind which nothing was ever written, and its frame. From 3.11 on there is also what only a
 * coroutine and an asynchronous generator have set, `gi_origin_or_finalizer`.
 */
function generatorGap({ running, inlineFrame }: Layout['generator'], { builtInTypes }: TypeFacts): Stretch {
  if (inlineFrame === undefined) return wordAt(running ?? 0);
  return toEnd(inlineFrame - (builtInTypes.includes('generator') ? 2 : 1) * WORD);
}

function table(from: number, entryBytes: number): Stretch {
  return { from, to: from + SMALL_PLACES * entryBytes };
}

function wordAt(from: number): Stretch {
  return { from, to: from + WORD };
}

function toEnd(from: number): Stretch {
  return { from, to: Number.POSITIVE_INFINITY };
}

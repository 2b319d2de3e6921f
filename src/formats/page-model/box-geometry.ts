/** A box of a flame graph: where it begins, how wide it is, how many boxes are above it. */
export interface Box {
  readonly start: number;
  readonly width: number;
  readonly depth: number;
}

/** Of all boxes, each after the one that it hangs on, the index of that one; -1 of the first. */
export function parentsOf(boxes: readonly Box[]): readonly number[] {
  const path: number[] = [];
  return boxes.map(({ depth }, index) => {
    path.length = depth;
    path[depth] = index;
    return path[depth - 1] ?? -1;
  });
}

/** The boxes that match, without those that are below another one that does. */
export function outermostMatches<Kind extends Box>(
  boxes: readonly Kind[],
  isMatch: (index: number) => boolean,
): readonly Kind[] {
  let until = -1;
  return boxes.filter(({ depth }, index) => {
    if (until >= 0 && depth > until) return false;
    until = isMatch(index) ? depth : -1;
    return until >= 0;
  });
}

/** Where to go from a box by a key: to its caller, to what it calls, to its neighbours. */
export function neighbour(parents: readonly number[], from: number, key: string): number {
  const parent = parents[from] ?? -1;
  const around = parents.flatMap((each, index) => (each === parent ? index : []));
  const place = around.indexOf(from);
  if (key === 'ArrowUp') return parent < 0 ? from : parent;
  if (key === 'ArrowDown') return parents[from + 1] === from ? from + 1 : from;
  if (key === 'ArrowLeft') return around[place - 1] ?? from;
  return around[place + 1] ?? from;
}

/** Cuts a text to a width, where a wide character of East Asia takes two; what would be shorter than 3 is left out. */
export function fittingText(text: string, characters: number): string {
  if (characters < 3) return '';
  let left = characters;
  let kept = '';
  for (const character of text) {
    left -= (character.codePointAt(0) ?? 0) >= 0x2e80 ? 2 : 1;
    if (left < 0) {
      const shorter = [...kept].slice(0, -1).join('');
      return shorter === '' ? '' : `${shorter}…`;
    }
    kept += character;
  }
  return kept;
}

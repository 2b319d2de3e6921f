import { expect, test } from 'vitest';
import { compareHeaps } from './heap-comparison.ts';
import type { HeapFigures } from './heap-summary.ts';

function figures(types: Readonly<Record<string, readonly [count: number, sizeBytes: number]>>): HeapFigures {
  const listed = Object.entries(types).map(([typeName, [count, sizeBytes]]) => ({
    typeName,
    count,
    sizeBytes,
    isStructOnly: false,
  }));
  const sizeBytes = listed.reduce((sum, type) => sum + type.sizeBytes, 0);
  return { takenAt: '', pid: 1, types: listed, objectCount: 0, sizeBytes, ...UNTOLD };
}

const UNTOLD = { residentBytes: undefined, isCountedInside: undefined };

test('compareHeaps() tells what grew, shrank, came and went, and leaves out what stayed', () => {
  const before = figures({ str: [3, 300], list: [2, 200], dict: [1, 64], int: [5, 140] });
  const after = figures({ str: [4, 350], list: [1, 20], int: [5, 140], Cart: [2, 96] });
  expect(
    compareHeaps(before, after).types.map((type) => [type.typeName, type.countChange, type.sizeChange]),
  ).toEqual([
    ['Cart', 2, 96],
    ['str', 1, 50],
    ['dict', -1, -64],
    ['list', -1, -180],
  ]);
});

import fc from 'fast-check';

/** Each gate tries the same cases, so that it says the same twice; PYFLIGHT_FUZZ=10 tries ten times as many, new ones each time. */
const TIMES = process.env['PYFLIGHT_FUZZ'];
const SEED = 20_261_129;

/** For `fc.assert()`: so many cases. A failure names its own seed. */
export function cases(count: number): { readonly numRuns: number; readonly seed?: number } {
  return TIMES === undefined ? { numRuns: count, seed: SEED } : { numRuns: Math.ceil(count * Number(TIMES)) };
}

/**
 * Files with a few bytes changed anywhere but in their last eight: to random ones, or to some that readers of the format are
 * likely to stumble over.
 */
export function damagedFiles(
  files: readonly Uint8Array[],
  ...likely: readonly (readonly number[])[]
): fc.Arbitrary<Uint8Array> {
  const patch = fc.record({
    at: fc.nat(),
    changed: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.constantFrom(...likely)),
  });
  const patches = fc.array(patch, { minLength: 1, maxLength: 6 });
  return fc.tuple(fc.constantFrom(...files), patches).map(([file, damages]) => {
    const bytes = Uint8Array.from(file);
    for (const { at, changed } of damages) bytes.set(Array.from(changed), at % (bytes.length - 8));
    return bytes;
  });
}

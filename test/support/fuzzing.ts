/** Each gate tries the same cases, so that it says the same twice; PYFLIGHT_FUZZ=10 tries ten times as many, new ones each time. */
const TIMES = process.env['PYFLIGHT_FUZZ'];
const SEED = 20_261_129;

/** For `fc.assert()`: so many cases. A failure names its own seed. */
export function cases(count: number): { readonly numRuns: number; readonly seed?: number } {
  return TIMES === undefined ? { numRuns: count, seed: SEED } : { numRuns: Math.ceil(count * Number(TIMES)) };
}

import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hasTool, heldFrames, run } from '../support/held-library.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pyflight-cython-'));

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const interpreter = findInterpreters().find(({ family, kind }) => family === '3.11' && kind === 'shared');

/** Compiles held-cython.c, and does something to the C that it was made of. */
function compile(change: (source: string) => void): string {
  const directory = mkdtempSync(join(scratch, 'module-'));
  const source = join(directory, 'cart.c');
  const path = join(directory, 'libheld.so');
  copyFileSync(join(import.meta.dirname, '../programs/held-cython.c'), source);
  run('gcc', [
    '-g',
    '-O1',
    '-fno-optimize-sibling-calls',
    '-shared',
    '-fPIC',
    '-Wl,--build-id',
    '-o',
    path,
    source,
  ]);
  change(source);
  return path;
}

const YEAR_2100 = new Date('2100-01-01');

describe.skipIf(interpreter === undefined || !hasTool('gcc'))('functions of Cython', () => {
  test.each([
    [
      'stand in the source of Cython where the C is as it was compiled',
      () => undefined,
      ['shop/cart.pyx', 12],
    ],
    ['stand in the C when that is gone', (source: string) => rmSync(source), ['cart.c', 16]],
    [
      'stand in the C when that was made anew',
      (source: string) => utimesSync(source, YEAR_2100, YEAR_2100),
      ['cart.c', 16],
    ],
    [
      'stand in the C when that has no comments',
      (source: string) => writeFileSync(source, ''),
      ['cart.c', 16],
    ],
  ])('%s', async (_what, change, place) => {
    if (interpreter === undefined) return;
    const path = compile(change);
    await using scene = await Scene.open(interpreter, 'held-call.py', { env: { HELD_LIBRARY: path } });
    const frames = heldFrames(await scene.snapshot({ native: 'python-threads' }), path);
    const [inner, outer] = frames;
    const isPyx = place[0] === 'shop/cart.pyx';
    expect([isPyx ? inner?.file : inner?.file?.split('/').at(-1), inner?.line]).toEqual(place);
    expect(inner?.symbol).toBe('__pyx_pf_4shop_4Cart_add');
    expect([outer?.symbol, outer?.rawSymbol]).toEqual(['shop.Cart.add', '__pyx_pw_4shop_4Cart_1add']);
  });
});

import { runInNewContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { checkUsing } from './check-using.ts';

const linesIn = (text: string, path = 'src/report/a.ts') =>
  checkUsing([{ path, text }]).map(({ line }) => line);

describe('checkUsing()', () => {
  test.each([
    'for (const x of all) { try { using y = open(x); } catch { f(); } }',
    'for (;;) try { using y = open(); } catch {}',
    'while (f()) { try { await using y = open(); } catch {} finally { g(); } }',
    'do { try { if (f()) { using y = open(); } } catch {} } while (g());',
    'for (const x in all) { try { for (const z of x) { using y = open(z); } } catch {} }',
    'for (;;) { try { for (using y of all) f(y); } catch {} }',
    'const f = () => { for (;;) { try { try { using y = open(); } finally { g(); } } catch {} } };',
  ])('refuses %s', (text) => {
    expect(linesIn(text)).toEqual([1]);
  });

  test.each([
    'for (const x of all) { using y = open(x); f(y); }',
    'for (const x of all) { using y = open(x); try { f(y); } catch {} }',
    'try { for (const x of all) { using y = open(x); f(y); } } catch {}',
    'try { using y = open(); } catch {}',
    'for (const x of all) { try { f(x); } catch { using y = open(x); } }',
    'for (const x of all) { try { using y = open(x); } finally { f(); } }',
    'for (const x of all) { try { f(() => { using y = open(x); }); } catch {} }',
    'for (const x of all) { try { const y = open(x); } catch {} }',
  ])('takes %s', (text) => {
    expect(linesIn(text)).toEqual([]);
  });

  test('names the line, and looks into tests and scripts too', () => {
    const text = 'for (;;) {\n  try {\n    using y = open();\n  } catch {}\n}\n';
    for (const path of ['src/elf/a.ts', 'src/elf/a.test.ts', 'scripts/a.ts', 'test/live/a.test.ts'])
      expect(linesIn(text, path)).toEqual([3]);
  });

  test('is needed as long as esbuild builds this so that the second turn fails like the first one', () => {
    const text = `
      const errors = [];
      for (const turn of [1, 2]) {
        try {
          using nothing = null;
          if (turn === 1) throw 'the first turn fails';
        } catch (error) {
          errors.push(error);
        }
      }
      errors;
    `;
    const { code } = transformSync(text, { target: 'node20' });
    expect(linesIn(text)).toHaveLength(1);
    expect([...runInNewContext(code)]).toEqual(['the first turn fails', 'the first turn fails']);
  });
});

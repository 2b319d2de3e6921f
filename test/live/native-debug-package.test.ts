import { describe, expect, test } from 'vitest';
import { findWithDebugPackage } from '../support/debug-package.ts';
import { hasGdb } from '../support/gdb.ts';
import { stacksInWords } from '../support/gdb-comparison.ts';
import { describeScene } from '../support/matrix.ts';

const interpreters = findWithDebugPackage();
const canCompare = hasGdb() && process.arch === 'x64';

if (interpreters.length === 0) {
  test.skip('a stripped CPython with its debug package (none is here)', () => undefined);
}

for (const interpreter of interpreters) {
  describe(`CPython ${interpreter.name}`, () => {
    // What is compiled here does not run in another root.
    const env = { PYFLIGHT_NATIVE: '/nowhere' };
    describeScene({ interpreter, program: 'native-ways.py', env }, (scene) => {
      test.skipIf(!canCompare)(
        `the native stacks are those of gdb${canCompare ? '' : ' (no gdb)'}`,
        async () => {
          const { seen, told } = await stacksInWords(scene(), interpreter);
          expect(seen).toEqual(told);
        },
      );

      test('every call of the interpreter has a name and a line, and no note asks for the package', async () => {
        const { threads, problems } = await scene().snapshot({ native: 'all-threads' });
        const frames = threads.flatMap(({ native }) => native?.frames ?? []);
        const own = frames.filter(({ module }) => module?.path.endsWith(`/python${interpreter.family}`));
        expect(own.some(({ isInlined }) => isInlined)).toBe(true);
        // The first code of a program is written in assembly language and has no lines.
        const bare = own.filter(({ symbol, line }) => symbol !== '_start' && line === undefined);
        expect(bare.map(({ pc, symbol }) => [pc, symbol])).toEqual([]);
        expect(problems.filter(({ message }) => message.includes(`/python${interpreter.family} `))).toEqual(
          [],
        );
      });
    });
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hasGdb } from '../support/gdb.ts';
import { stacksInWords } from '../support/gdb-comparison.ts';
import { describeInterpreters, describeScene, threadNamed } from '../support/matrix.ts';
import { mergedOf, pythonFramesOf } from '../support/merged-frames.ts';
import { compileNativeParts } from '../support/native-parts.ts';
import { seenThread, trueThreads } from '../support/seen-threads.ts';

const NATIVE = { native: 'all-threads' } as const;
const canCompare = hasGdb() && process.arch === 'x64';
const directory = mkdtempSync(join(tmpdir(), 'pyflight-native-'));
const missing = compileNativeParts(directory);
afterAll(() => rmSync(directory, { recursive: true }));

for (const reason of missing) test.skip(`native-ways.py without ${reason}`, () => undefined);

/** Functions that a thread of native-ways.py stands in, innermost first, as far as debugging information tells. */
const STOOD_IN: Readonly<Record<string, readonly RegExp[]>> = {
  c_extension: [/^call_inlined$/u, /^call_twice_inlined$/u, /^call_static$/u, /^call$/u],
  cpp_extension: [
    /shop::Order::handle\(int\)::.*lambda/u,
    /^operator\(\)<.*std::function/u,
    /shop::\(anonymous namespace\)::Caller<_object\*, 3>::operator\(\)/u,
    /^shop::Order::handle\(int\)/u,
    /^call\(_object\*, _object\*\)$/u,
  ],
  call_back: [/Visitor>::visit/u, /walk/u, /sort/u, /inlined/u, /^call_back$/u],
  call_in_handler: [/^handler$/u, /raise/u, /^interrupted$/u, /^call_with$/u, /^call_in_handler$/u],
  call_on_alternate_stack: [/^handler$/u, /raise/u, /^interrupted$/u, /^call_on_alternate_stack$/u],
  qsort: [/^qsort_r/u],
  dl_iterate_phdr: [/dl_iterate_phdr/u],
  ftw: [/ftw/u],
};

describeInterpreters('3.6', (interpreter) => {
  // What is compiled here does not run in another root, which has its own C library.
  const env = { PYFLIGHT_NATIVE: interpreter.root === undefined ? directory : '/nowhere' };
  describeScene({ interpreter, program: 'native-ways.py', env }, (scene) => {
    const ways = () => [scene().truth.facts['ways']].flat().map(String);

    test.skipIf(!canCompare)(
      `the native stacks are those of gdb${canCompare ? '' : ' (no gdb)'}`,
      async () => {
        const { seen, told } = await stacksInWords(scene(), interpreter);
        expect(seen).toEqual(told);
      },
    );

    test('every thread is merged with its Python frames in order', async () => {
      const snapshot = await scene().snapshot(NATIVE);
      const merged = snapshot.threads.map((thread) => ({
        ...seenThread({ ...thread, frames: pythonFramesOf(mergedOf(thread)) }),
        cutOff: thread.native?.cutOff,
      }));
      const told = trueThreads(scene().truth).map((thread) => ({ ...thread, cutOff: undefined }));
      expect(merged.sort((a, b) => (a.ident ?? 0) - (b.ident ?? 0))).toEqual(told);
    });

    // Other roots have no debugging information of their libraries.
    test.skipIf(interpreter.root !== undefined)(
      'the functions of libraries stand between those of Python',
      async () => {
        const snapshot = await scene().snapshot(NATIVE);
        for (const [way, functions] of Object.entries(STOOD_IN)) {
          if (!ways().includes(way)) continue;
          const native = threadNamed(snapshot, way).native?.frames.map(({ symbol }) => symbol ?? '???') ?? [];
          let from = 0;
          for (const name of functions) {
            const found = native.findIndex((symbol, at) => at >= from && name.test(symbol));
            expect([way, `${name}`, found >= from, native]).toEqual([way, `${name}`, true, native]);
            from = found + 1;
          }
        }
      },
    );
  });
});

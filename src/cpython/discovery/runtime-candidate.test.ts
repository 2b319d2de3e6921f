import { describe, expect, test } from 'vitest';
import { measuredLayout } from '../../../test/support/python-writer.ts';
import { TestMemory } from '../../../test/support/test-memory.ts';
import { toAddress } from '../../base/address.ts';
import type { MappedModule } from './address-space.ts';
import { checked, type RuntimeSearch, rootsOf } from './runtime-candidate.ts';

const RUNTIME = 0x10_0000;
const NEWEST = 0x20_0000;
const MAIN = 0x30_0000;
const THREAD = 0x40_0000;
const SIZE_BYTES = 0x4_0000;

const PYTHON: MappedModule = {
  path: '/usr/bin/python3',
  isMainProgram: true,
  findSymbol: () => undefined,
  findExportedSymbol: () => undefined,
  findSection: () => undefined,
  findFunctions: () => [],
  writableRanges: [],
};

describe.each(['3.7', '3.8', '3.12', '3.13'])('a runtime of %s', (name) => {
  const layout = measuredLayout(name);
  const { interpreter, threadState, runtime } = layout;

  /** A runtime whose newest interpreter is not made yet; the first thread of the main one points to `back`. */
  function look(back: number): readonly string[] | 'accepted' {
    if (runtime === undefined) throw new RangeError(`${name} has no _PyRuntime`);
    const memory = new TestMemory()
      .mapWords(RUNTIME, SIZE_BYTES, { [runtime.interpretersHead]: NEWEST, [runtime.interpretersMain]: MAIN })
      .mapWords(NEWEST, SIZE_BYTES, {})
      .mapWords(MAIN, SIZE_BYTES, { [interpreter.threadsHead]: THREAD })
      .mapWords(THREAD, SIZE_BYTES, { [threadState.interpreter]: back });
    const search: RuntimeSearch = {
      memory,
      space: { modules: [PYTHON], heap: undefined, anonymousRanges: [] },
      attempts: [],
      dormant: new Set(),
    };
    const [major = 0, minor = 0] = name.split('.').map(Number);
    const version = {
      major,
      minor,
      micro: 0,
      releaseLevel: 'final',
      serial: 0,
      isFreeThreaded: false,
      isDebugBuild: false,
    } as const;
    const roots = rootsOf(layout, toAddress(RUNTIME));
    const found = checked(search, PYTHON, { version, layout, foundBy: 'it', roots, others: [] });
    return found === undefined ? search.attempts : 'accepted';
  }

  test('whose newest interpreter is on its way in is accepted for the main one', () => {
    expect(look(MAIN)).toBe('accepted');
  });

  test('whose main interpreter does not hold together either is refused', () => {
    expect(look(NEWEST)).toEqual(['it: what it calls an interpreter, at 0x200000, does not hold together']);
  });
});

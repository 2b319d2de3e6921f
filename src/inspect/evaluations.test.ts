import { describe, expect, test } from 'vitest';
import { measuredLayout } from '../../test/support/python-writer.ts';
import { makeFrame } from '../../test/support/snapshots.ts';
import { type Address, toAddress } from '../base/address.ts';
import type { RawFrame } from '../cpython/frame-chain.ts';
import { evaluationsOf } from './evaluations.ts';

/** What a test says of a frame, innermost first: its name, or the kind of a frame without one. */
type Written = string | { readonly entry: string } | 'shim';

const addressAt = (index: number): Address => toAddress(0x7f00_0000_0000 + index * 0x100);

function rawFrames(version: string, written: readonly Written[]): readonly RawFrame[] {
  return written.map((each, index) => ({
    address: addressAt(index),
    previous: index + 1 < written.length ? addressAt(index + 1) : undefined,
    code: undefined,
    lastInstruction: 0,
    tlbcIndex: undefined,
    isShim: each === 'shim',
    entryFlag: version === '3.11' ? typeof each === 'object' : undefined,
  }));
}

/** The evaluations of a thread as their anchors, counted in frames, and the names of their frames. */
function divide(version: string, written: readonly Written[], unreadable: readonly number[] = []) {
  const frames = rawFrames(version, written);
  const shown = written.flatMap((each, index) => {
    const name = typeof each === 'object' ? each.entry : each;
    return name === 'shim' || unreadable.includes(index)
      ? []
      : [makeFrame({ name, address: addressAt(index) })];
  });
  return evaluationsOf(measuredLayout(version), { frames, cutOff: undefined }, shown).map((evaluation) => ({
    anchor: evaluation.anchor === undefined ? undefined : (evaluation.anchor - addressAt(0)) / 0x100,
    names: evaluation.frames.map(({ name }) => name),
  }));
}

describe('evaluationsOf()', () => {
  test('gives each frame a loop of its own to 3.10', () => {
    expect(divide('3.10', ['inner', 'outer'])).toEqual([
      { anchor: undefined, names: ['inner'] },
      { anchor: undefined, names: ['outer'] },
    ]);
  });

  test('ends a loop at its entry frame in 3.11', () => {
    expect(divide('3.11', ['inner', { entry: 'called' }, 'middle', { entry: 'main' }])).toEqual([
      { anchor: undefined, names: ['inner', 'called'] },
      { anchor: undefined, names: ['middle', 'main'] },
    ]);
  });

  test.each(['3.12', '3.13', '3.14'])('ends a loop at its shim in %s, which lies on its stack', (version) => {
    expect(divide(version, ['inner', 'called', 'shim', 'main', 'shim'])).toEqual([
      { anchor: 2, names: ['inner', 'called'] },
      { anchor: 4, names: ['main'] },
    ]);
  });

  test('has a loop that has not entered its frame yet', () => {
    expect(divide('3.13', ['shim', 'main', 'shim'])).toEqual([
      { anchor: 0, names: [] },
      { anchor: 2, names: ['main'] },
    ]);
  });

  test('takes no loop for the frame of the thread itself in 3.15', () => {
    expect(divide('3.15', ['inner', 'shim', 'main', 'shim', 'shim'])).toEqual([
      { anchor: 1, names: ['inner'] },
      { anchor: 3, names: ['main'] },
    ]);
    expect(divide('3.15', ['shim'])).toEqual([]);
  });

  test('keeps a loop whose frames could not be read', () => {
    expect(divide('3.10', ['inner', 'outer'], [0])).toEqual([
      { anchor: undefined, names: [] },
      { anchor: undefined, names: ['outer'] },
    ]);
  });

  test('has what was read of a loop whose chain is cut off, without an anchor', () => {
    expect(divide('3.12', ['inner', 'shim', 'main'])).toEqual([
      { anchor: 1, names: ['inner'] },
      { anchor: undefined, names: ['main'] },
    ]);
  });

  test('is empty for a thread without frames', () => {
    expect(divide('3.12', [])).toEqual([]);
  });
});

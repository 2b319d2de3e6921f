import { expect, test } from 'vitest';
import { type Address, type AddressRange, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import { measuredLayoutFor } from '../layouts/layout-for.ts';
import { TYPE_FLAGS, TypeFlags } from '../objects/type-flags.ts';
import { findGenerations } from './generations.ts';
import { HeapWords } from './heap-words.ts';
import { walkTracked } from './tracked-objects.ts';

/** Memory that is zero but for some words. */
class FewWords implements Memory {
  readonly #halves = new Map<number, number>();

  put(address: number, word: number): void {
    this.#halves.set(address, word % 2 ** 32);
    this.#halves.set(address + 4, Math.floor(word / 2 ** 32));
  }

  read(address: number, sizeBytes: number): Uint8Array {
    const writer = new StructWriter(sizeBytes);
    for (const [at, half] of this.#halves)
      if (at >= address && at + 4 <= address + sizeBytes) writer.u32(at - address, half);
    return writer.bytes;
  }

  readMany(ranges: readonly AddressRange[]): readonly Uint8Array[] {
    return ranges.map(({ address, sizeBytes }) => this.read(address, sizeBytes));
  }
}

const INTERPRETER = toAddress(0x4000_0000);
const METATYPE = 0x5000_1000;
const TYPE = 0x5000_2000;
const OBJECT = 0x5000_3010;

function rootsAt(interpreter: Address) {
  return {
    runtime: undefined,
    interpreters: { interpreter },
    currentThreadState: undefined,
    gilWaits: undefined,
    interpreterLock: undefined,
    youngestGeneration: undefined,
  };
}

test.each([9, 10, 11, 12, 13])(
  'the lists of 3.%i are found where the interpreter says, and followed also where they begin at a multiple of 4 alone',
  (minor) => {
    const build = { releaseLevel: 'final', serial: 0, isFreeThreaded: false, isDebugBuild: false } as const;
    const layout = measuredLayoutFor({ major: 3, minor, micro: 5, ...build });
    if (layout === undefined) throw new TypeError(`no row for 3.${minor}`);
    const { gcYoungest = 0, gcPermanent = 0 } = layout.interpreter;
    const memory = new FewWords();
    const youngest = INTERPRETER + gcYoungest - 76;
    memory.put(INTERPRETER + gcYoungest, youngest);
    const heads = [0, 24, 48].map((distance) => youngest + distance);
    const permanent = INTERPRETER + gcPermanent;
    for (const head of [...heads, permanent]) {
      memory.put(head, head);
      memory.put(head + 8, head);
    }
    const node = OBJECT - 16;
    // The youngest list has one object, with the mark of a collection in its link back.
    memory.put(youngest, node);
    memory.put(youngest + 8, node);
    memory.put(node, youngest);
    memory.put(node + 8, youngest + 1);
    memory.put(OBJECT + layout.object.type, TYPE);
    for (const type of [TYPE, METATYPE]) memory.put(type + layout.object.type, METATYPE);
    memory.put(METATYPE + layout.type.flags, TYPE_FLAGS.typeSubclass);

    const runtime = { layout, roots: rootsAt(INTERPRETER) };
    expect(findGenerations(memory, runtime, INTERPRETER)).toEqual({
      kind: 'lists',
      heads: [...heads, permanent],
    });
    const seen: number[] = [];
    const source = {
      words: new HeapWords(memory),
      layout,
      flags: new TypeFlags({ memory, layout }),
      isMoving: false,
    };
    const walk = walkTracked(source, [...heads, permanent].map(toAddress), (object) => seen.push(object));
    expect([walk, seen]).toEqual([{ count: 1, brokenCount: 0 }, [OBJECT]]);
  },
);

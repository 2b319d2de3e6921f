import { describe, expect, test } from 'vitest';
import { toAddress } from '../../src/base/address.ts';
import type { Layout } from '../../src/cpython/layouts/layout.ts';
import { measuredLayoutFor } from '../../src/cpython/layouts/layout-for.ts';
import { pythonVersionFromBanner } from '../../src/cpython/layouts/python-version.ts';
import { readPointer } from '../../src/cpython/objects/foreign-struct.ts';
import { readVariables } from '../../src/cpython/objects/frame-variables.ts';
import { ObjectReader } from '../../src/cpython/objects/object-reader.ts';
import { mostReads } from '../../src/cpython/objects/view-budget.ts';
import { formatObject } from '../../src/report/object-text.ts';
import { RecordingMemory, seededRandom } from '../support/damaged-memory.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { ProcMemory } from '../support/proc-memory.ts';
import { startTarget } from '../support/target.ts';

/** An object of test/programs/objects.py. */
interface TrueObject {
  readonly label: string;
  readonly address: number;
  readonly text: string;
}

/** A frame of test/programs/objects.py. */
interface TrueVariables {
  readonly frame: number;
  readonly code: number;
  readonly variables: readonly (readonly [name: string, role: string, text: string])[];
}

const EVERYTHING = { maxDepth: 20, maxItems: 100_000, maxCharacters: 100_000, maxObjects: 1_000_000 };
const SMALL = { maxDepth: 6, maxItems: 50, maxCharacters: 100, maxObjects: 300 };
/** Damaged copies of each object. */
const ROUNDS = 30;
const WHOLE_TEXT = 10_000_000;

/** `undefined` for a build that was not measured: debug builds of 3.13 and later. */
function layoutOf({ family, isFreeThreaded, isDebugBuild }: Interpreter): Layout | undefined {
  const version = pythonVersionFromBanner(`${family}.0 (main`);
  return version && measuredLayoutFor({ ...version, isFreeThreaded, isDebugBuild });
}

/** From 3.11 on a frame object points to the frame itself, behind `f_back` (cpython/Include/internal/pycore_frame.h). */
function frameOf(reader: ObjectReader, frameObject: number) {
  const { frame, object } = reader.layout;
  const address = toAddress(frameObject);
  if (frame.owner === undefined) return address;
  const place = toAddress(address + object.sizeBytes + 8);
  return readPointer(reader.memory, place, 'f_frame') ?? address;
}

/** One program for all tests of an interpreter, which stands still while they read. */
async function readTarget(interpreter: Interpreter, layout: Layout | undefined, read: (seen: Seen) => void) {
  if (layout === undefined) throw new RangeError(`no layout for ${interpreter.name}`);
  await using target = await startTarget(interpreter, 'objects.py');
  using memory = new ProcMemory(target.pid);
  const { objects, frames } = target.groundTruth.facts;
  read({
    memory,
    layout,
    objects: objects as readonly TrueObject[],
    frames: frames as readonly TrueVariables[],
  });
}

interface Seen {
  readonly memory: ProcMemory;
  readonly layout: Layout;
  readonly objects: readonly TrueObject[];
  readonly frames: readonly TrueVariables[];
}

for (const interpreter of findInterpreters()) {
  const layout = layoutOf(interpreter);
  describe.skipIf(layout === undefined)(interpreter.name, () => {
    test('ObjectReader.view() and formatObject() tell what repr() tells', () =>
      readTarget(interpreter, layout, ({ memory, layout, objects }) => {
        const reader = new ObjectReader(memory, layout);
        const differing = objects.flatMap(({ label, address, text }) => {
          const seen = formatObject(reader.view(toAddress(address), EVERYTHING), WHOLE_TEXT);
          return seen === text ? [] : [{ label, seen, text }];
        });
        expect(differing).toEqual([]);
        expect(objects.length).toBeGreaterThan(100);
      }));

    test('readVariables() tells arguments, locals and closure of a suspended generator', () =>
      readTarget(interpreter, layout, ({ memory, layout, frames }) => {
        const reader = new ObjectReader(memory, layout);
        const seen = frames.map(({ frame, code }) =>
          readVariables(reader, { frameAddress: frameOf(reader, frame), codeAddress: toAddress(code) }).map(
            ({ name, role, value }) => [name, role, formatObject(value, WHOLE_TEXT)],
          ),
        );
        expect(seen).toEqual(frames.map(({ variables }) => variables));
      }));

    test('ObjectReader.view() of damaged memory ends with an answer, after a bounded number of reads', () =>
      readTarget(interpreter, layout, ({ memory, layout, objects }) => {
        const random = seededRandom(20_240_611);
        const small = objects.filter(({ text }) => text.length < 500);
        let hitCount = 0;
        for (const { address, text } of small) {
          const recording = new RecordingMemory(memory);
          new ObjectReader(recording, layout).view(toAddress(address), SMALL);
          for (let round = 0; round < ROUNDS; round += 1) {
            const damaged = recording.damaged(random, 1 + Math.floor(random() * 8));
            const seen = formatObject(new ObjectReader(damaged, layout).view(toAddress(address), SMALL), 80);
            expect(seen.length).toBeLessThan(20_000);
            expect(damaged.readCount).toBeLessThanOrEqual(mostReads(SMALL) + 1);
            if (seen !== text) hitCount += 1;
          }
        }
        expect(hitCount).toBeGreaterThan((small.length * ROUNDS) / 4);
      }));
  });
}

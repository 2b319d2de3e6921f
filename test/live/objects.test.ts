import { describe, expect, test } from 'vitest';
import { toAddress } from '../../src/base/address.ts';
import { readPointer } from '../../src/cpython/objects/foreign-struct.ts';
import { readVariables } from '../../src/cpython/objects/frame-variables.ts';
import { ObjectReader } from '../../src/cpython/objects/object-reader.ts';
import { mostReads } from '../../src/cpython/objects/view-budget.ts';
import { formatObject } from '../../src/report/object-text.ts';
import { openTarget } from '../../src/target/live-target.ts';
import type { Target } from '../../src/target/target.ts';
import { RecordingMemory, seededRandom } from '../support/damaged-memory.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
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

/** From 3.11 on a frame object points to the frame itself, behind `f_back` (cpython/Include/internal/pycore_frame.h). */
function frameOf(reader: ObjectReader, frameObject: number) {
  const { frame, object } = reader.layout;
  const address = toAddress(frameObject);
  if (frame.owner === undefined) return address;
  const place = toAddress(address + object.sizeBytes + 8);
  return readPointer(reader.memory, place, 'f_frame') ?? address;
}

/** Runs the program, which stands still while it is read. */
async function readTarget(interpreter: Interpreter, read: (seen: Seen) => void) {
  await using process = await startTarget(interpreter, 'objects.py');
  using target = openTarget(process.pid);
  const { objects, frames } = process.groundTruth.facts;
  read({
    target,
    objects: objects as readonly TrueObject[],
    frames: frames as readonly TrueVariables[],
  });
}

interface Seen {
  readonly target: Target;
  readonly objects: readonly TrueObject[];
  readonly frames: readonly TrueVariables[];
}

for (const interpreter of findInterpreters()) {
  describe(interpreter.name, () => {
    test('ObjectReader.view() and formatObject() tell what repr() tells', () =>
      readTarget(interpreter, ({ target, objects }) => {
        const reader = target.objects;
        const differing = objects.flatMap(({ label, address, text }) => {
          const seen = formatObject(reader.view(toAddress(address), EVERYTHING), WHOLE_TEXT);
          return seen === text ? [] : [{ label, seen, text }];
        });
        expect(differing).toEqual([]);
        expect(objects.length).toBeGreaterThan(100);
      }));

    test('readVariables() tells arguments, locals and closure of a suspended generator', () =>
      readTarget(interpreter, ({ target, frames }) => {
        const reader = target.objects;
        const seen = frames.map(({ frame, code }) =>
          readVariables(reader, { frameAddress: frameOf(reader, frame), codeAddress: toAddress(code) }).map(
            ({ name, role, value }) => [name, role, formatObject(value, WHOLE_TEXT)],
          ),
        );
        expect(seen).toEqual(frames.map(({ variables }) => variables));
      }));

    test('ObjectReader.view() of damaged memory ends with an answer, after a bounded number of reads', () =>
      readTarget(interpreter, ({ target, objects }) => {
        const { layout } = target.runtime;
        const random = seededRandom(20_240_611);
        const small = objects.filter(({ text }) => text.length < 500);
        let hitCount = 0;
        for (const { address, text } of small) {
          const recording = new RecordingMemory(target.memory);
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

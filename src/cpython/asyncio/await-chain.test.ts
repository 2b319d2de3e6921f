import { describe, expect, test } from 'vitest';
import { measuredLayout, PythonWriter, type WritableStruct } from '../../../test/support/python-writer.ts';
import type { Address } from '../../base/address.ts';
import { ObjectReader } from '../objects/object-reader.ts';
import { type AwaitChain, readAwaitChain } from './await-chain.ts';

const VERSIONS = ['3.13', '3.14', '3.15', '3.13t', '3.14t', '3.15t'] as const;
const FRAME_BYTES = 256;

/** Writes coroutines that await each other, as 3.13 and later keep them. */
class CoroutineWriter extends PythonWriter {
  readonly #code = this.object(this.type('code').address, 256).address;

  coroutine(status: 'created' | 'executing' | 'ended' | 'awaiting', typeName = 'coroutine'): WritableStruct {
    const { generator, frame, rules } = this.layout;
    const { states, awaitingStates = [] } = rules.generators;
    const inlineFrame = generator.inlineFrame ?? 0;
    const object = this.object(this.type(typeName).address, inlineFrame + FRAME_BYTES);
    const state = status === 'awaiting' ? awaitingStates[0] : states?.[status];
    object.u8(generator.frameState ?? 0, (state ?? 0) & 0xff);
    return object.word(inlineFrame + frame.code, this.#code);
  }

  /** Puts what a coroutine awaits on its value stack. */
  awaits(coroutine: WritableStruct, awaited: Address): void {
    const { generator, frame, rules } = this.layout;
    const inlineFrame = generator.inlineFrame ?? 0;
    const { awaitedDepth, stackTop } = rules.generators;
    const values = frame.locals + 8 * awaitedDepth;
    coroutine.word(inlineFrame + frame.locals, awaited);
    const top = inlineFrame + (frame.stackTop ?? 0);
    if (stackTop === 'count') coroutine.u32(top, awaitedDepth);
    else coroutine.word(top, coroutine.address + inlineFrame + values);
  }

  read(outermost: WritableStruct, left = 100): AwaitChain {
    return readAwaitChain(new ObjectReader(this.memory, this.layout), outermost.address, { left });
  }
}

for (const version of VERSIONS)
  describe(`${version}: readAwaitChain()`, () => {
    test('goes by coroutines and wrappers to what the innermost waits for', () => {
      const writer = new CoroutineWriter(measuredLayout(version));
      const { sizeBytes } = writer.layout.object;
      const future = writer.object(writer.type('_asyncio.Future').address, 200).address;
      const iterator = writer.object(writer.type('_asyncio.FutureIter').address, 64).word(sizeBytes, future);
      const inner = writer.coroutine('awaiting', 'async_generator');
      const wrapper = writer.object(writer.type('async_generator_asend').address, 64);
      wrapper.word(sizeBytes, inner.address);
      const outer = writer.coroutine('awaiting');
      writer.awaits(inner, iterator.address);
      writer.awaits(outer, wrapper.address);
      const { frames, awaited, executing, cutOff } = writer.read(outer);
      const inlineFrame = writer.layout.generator.inlineFrame ?? 0;
      expect(frames.map(({ address }) => address - inlineFrame)).toEqual([inner.address, outer.address]);
      expect([awaited, executing, cutOff]).toEqual([future, undefined, undefined]);
    });

    test('ends at one that runs, whose frame the stack of a thread has', () => {
      const writer = new CoroutineWriter(measuredLayout(version));
      const running = writer.coroutine('executing');
      const { frames, executing } = writer.read(running);
      expect(frames).toEqual([]);
      expect(executing).toBe(running.address + (writer.layout.generator.inlineFrame ?? 0));
    });

    test('has the frame of one that has not begun, and none of one that has ended', () => {
      const writer = new CoroutineWriter(measuredLayout(version));
      expect(writer.read(writer.coroutine('created')).frames.length).toBe(1);
      expect(writer.read(writer.coroutine('ended'))).toEqual({
        outermost: { typeName: 'coroutine', qualifiedName: undefined },
        frames: [],
        links: [],
        executing: undefined,
        awaited: undefined,
        cutOff: undefined,
      });
    });

    test('ends where coroutines await each other in a circle', () => {
      const writer = new CoroutineWriter(measuredLayout(version));
      const [first, second] = [writer.coroutine('awaiting'), writer.coroutine('awaiting')];
      writer.awaits(first, second.address);
      writer.awaits(second, first.address);
      const { frames, cutOff } = writer.read(first);
      expect(frames.length).toBe(2);
      expect(cutOff).toBe(`its awaits run in a circle at 0x${first.address.toString(16)}`);
    });

    test('ends when all tasks together have too many frames', () => {
      const writer = new CoroutineWriter(measuredLayout(version));
      const [first, second] = [writer.coroutine('awaiting'), writer.coroutine('created')];
      writer.awaits(first, second.address);
      expect(writer.read(first, 1)).toMatchObject({ cutOff: 'the frames of all tasks are too many' });
    });

    test('keeps what it has read when memory makes no sense further in', () => {
      const writer = new CoroutineWriter(measuredLayout(version));
      const outer = writer.coroutine('awaiting');
      writer.awaits(outer, (outer.address + 0x1000_0000) as Address);
      const { frames, cutOff } = writer.read(outer);
      expect(frames.length).toBe(1);
      expect(cutOff).toMatch(/^Cannot read \d+ bytes at 0x/u);
    });
  });

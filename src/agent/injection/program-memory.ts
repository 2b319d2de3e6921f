import { type Address, type AddressRange, offsetBy } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { type PendingCallQueue, unusedSlots } from '../../cpython/injection/pending-calls.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';
import type { InterpreterCode } from './interpreter-code.ts';

const PAGE_BYTES = 4096;

/** Keeps clear of what a module may have at its very end, whose size is not always told. */
const MARGIN_BYTES = 32;

/**
 * The stretches between the end of a module's variables and the end of their last page. The kernel maps whole pages and
 * clears them; no symbol, allocator or stack reaches there.
 */
export function slackOf(code: InterpreterCode, mappings: readonly MemoryMapping[]): readonly AddressRange[] {
  if (code.isMusl) return [];
  return code.writableEnds.flatMap((range) => {
    const end = range.address + range.sizeBytes;
    const from = offsetBy(range.address, Math.ceil((range.sizeBytes + MARGIN_BYTES) / 16) * 16);
    const pageEnd = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES;
    const isMapped = mappings.some(
      ({ start, end: mappedEnd, isWritable, isReadable, isShared }) =>
        isWritable && isReadable && !isShared && start < end && pageEnd <= mappedEnd,
    );
    return isMapped && from < pageEnd ? [{ address: from, sizeBytes: pageEnd - from }] : [];
  });
}

/** The first line of every text, by which one is known that was left when we were killed. */
const MARK = '#pyflight\n';

/** A shorter program that runs the one in a file, for where there is no room for that itself. */
export function runningFileText(path: string): string {
  const builtin = (name: string) => `__import__("builtins").${name}`;
  return (
    `try:${builtin('exec')}(${builtin('open')}(${JSON.stringify(path)},"rb").read())\n` +
    'except KeyboardInterrupt:__import__("_thread").interrupt_main()\n' +
    'except:pass\n'
  );
}

/** The program as it is written into memory: with our mark, and the NUL that ends a C string. */
export function markedText(text: string): Uint8Array {
  return Buffer.from(`${MARK}${text}\0`, 'latin1');
}

/**
 * Finds where a text can lie until it has run: in a slack that is all zero still; else in the unused places of the ring
 * itself; else where another text was left that nobody is going to run any more. To be asked while all threads
 * stand still.
 */
export function findRoom(
  memory: Memory,
  slack: readonly AddressRange[],
  queue: PendingCallQueue,
  sizeBytes: number,
): Address | undefined {
  const places = [...slack, unusedSlots(queue, sizeBytes)].filter((range) => range.sizeBytes >= sizeBytes);
  const contents = memory.readMany(places.map(({ address }) => ({ address, sizeBytes })));
  const free = contents.findIndex((bytes) => bytes?.every((byte) => byte === 0) === true);
  if (free >= 0) return places[free]?.address;
  const needed = queue.spare === undefined ? queue.waiting : queue.waiting - 1;
  if (needed > 0) return undefined;
  return slack.find((range) => range.sizeBytes >= sizeBytes && isLeftBehind(memory, range))?.address;
}

/** Tells whether a slack holds nothing but a text of ours. */
function isLeftBehind(memory: Memory, range: AddressRange): boolean {
  const bytes = Buffer.from(memory.read(range.address, range.sizeBytes));
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, MARK.length) === MARK && bytes.subarray(end).every((byte) => byte === 0);
}

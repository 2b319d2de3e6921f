import { type Address, isAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { type AsyncioSource, withoutNone } from './asyncio-source.ts';

/** Reads what a loop says of the thread that runs it, `threading.get_ident()`; `undefined` where it says nothing. */
export function readLoopThread(source: AsyncioSource, loop: Address): Address | undefined {
  return readIfSound(() => {
    const found = withoutNone(source, source.findAttributes(loop, ['_thread_id']).get('_thread_id'));
    const ident = found === undefined ? undefined : Number(source.readInteger(found));
    return ident !== undefined && isAddress(ident) ? ident : undefined;
  });
}

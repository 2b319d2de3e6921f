import type { Layout } from '../layouts/layout.ts';
import type { HeapWords } from './heap-words.ts';

/** `PyDictKeyEntry`, and `PyDictEntry` of Python 2: hash, key, value. */
export const ENTRY_BYTES = 24;
/** `PyDictUnicodeEntry`, 3.11+: the keys are str, which know their hashes. */
const TEXT_ENTRY_BYTES = 16;
/** `DICT_KEYS_GENERAL` */
const GENERAL_KEYS = 0;

/** What an entry takes in the keys of a dict of Python 3. */
export function dictEntryBytes(words: HeapWords, { dictKeys }: Layout, keys: number): number {
  if (dictKeys?.kind === undefined) return ENTRY_BYTES;
  return words.byte(keys + dictKeys.kind) === GENERAL_KEYS ? ENTRY_BYTES : TEXT_ENTRY_BYTES;
}

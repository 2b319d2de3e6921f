import type { CoreFile } from '../elf/core/core-file.ts';
import { endingSignal } from '../elf/core/core-notes.ts';
import type { CoreFacts } from '../model/core-signal.ts';

/** What a core says of its process as a whole. */
export function coreFactsOf({ notes, missingBytes }: CoreFile): CoreFacts {
  return { writer: notes.writer, process: notes.process, signal: endingSignal(notes), missingBytes };
}

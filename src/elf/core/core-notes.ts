import { MalformedInputError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/ports.ts';
import type { ElfSegment } from '../segment.ts';
import {
  type AuxiliaryVector,
  MAX_AUXILIARY_VECTOR_BYTES,
  parseAuxiliaryVector,
} from './auxiliary-vector.ts';
import { type CoreFileMapping, MAX_FILE_MAPPINGS_BYTES, parseFileMappings } from './file-mappings.ts';
import { type PlacedNote, walkNotes } from './note-walk.ts';
import {
  type CoreProcess,
  PROCESS_INFORMATION_BYTES,
  parseProcessInformation,
} from './process-information.ts';
import {
  parseSignalInformation,
  SIGNAL_INFORMATION_BYTES,
  type SignalInformation,
} from './signal-information.ts';
import { type CoreThread, MAX_THREAD_STATUS_BYTES, parseThreadStatus } from './thread-status.ts';

/** A thread with what ended it. */
export interface CoreThreadNotes extends CoreThread {
  /** The kernel has it for the thread that the process ended in alone, gdb for every thread. */
  readonly signalInformation: SignalInformation | undefined;
}

/**
 * Who wrote a core: the kernel begins with the thread that the process ended in, gdb with the process
 * (`fill_note_info()` of fs/binfmt_elf.c; `linux_make_corefile_notes()` of gdb/linux-tdep.c). `undefined` when nothing
 * tells.
 */
export type CoreWriter = 'kernel' | 'debugger' | undefined;

/** What the notes of a core say. A part that is missing, also where the file is cut off, is `undefined` or empty. */
export interface CoreNotes {
  readonly writer: CoreWriter;
  /** That which the process ended in first, or the one that the debugger stood at. */
  readonly threads: readonly CoreThreadNotes[];
  readonly process: CoreProcess | undefined;
  readonly auxiliaryVector: AuxiliaryVector | undefined;
  /** `undefined` when the core has no list, which is not the same as an empty one. */
  readonly fileMappings: readonly CoreFileMapping[] | undefined;
  /** What could not be read of the notes, a sentence without a full stop each. */
  readonly problems: readonly string[];
}

// Types of owner CORE, include/uapi/linux/elf.h.
const NT_PRSTATUS = 1;
const NT_PRPSINFO = 3;
const NT_AUXV = 6;
const NT_FILE = 0x4649_4c45;
const NT_SIGINFO = 0x5349_4749;

/** A thread takes some 500 bytes here, and the kernel itself allows fewer unless it is told to. */
const MAX_THREADS = 2 ** 17;

/** Many damaged notes are one problem. */
const MAX_PROBLEMS = 10;

/** Reads the notes of a core as far as the file has them. */
export function readCoreNotes(source: ByteSource, segments: readonly ElfSegment[]): CoreNotes {
  const reading = new NotesReading();
  for (const { type, fileOffset, fileSize: sizeBytes, alignment } of segments) {
    if (type !== 'note') continue;
    const walk = walkNotes(source, { fileOffset, sizeBytes }, alignment);
    for (let step = walk.next(); ; step = walk.next()) {
      if (step.done === true) {
        if (step.value !== undefined) reading.complain(`Notes are missing: ${step.value}`);
        break;
      }
      if (step.value.owner === 'CORE') reading.take(step.value);
    }
  }
  return reading.finish();
}

/** The signal that a process ended with, or that a debugger stopped it with; number 0 for none. */
export interface EndingSignal extends Omit<SignalInformation, 'code' | 'errno'> {
  /** `undefined` where only the number is known. */
  readonly code: number | undefined;
}

/** Finds the signal of the thread that comes first; `undefined` when the core has no thread. */
export function endingSignal({ threads }: CoreNotes): EndingSignal | undefined {
  const [first] = threads;
  if (first === undefined) return undefined;
  const { signal = 0, signalInformation } = first;
  if (signalInformation !== undefined && signalInformation.number !== 0) return signalInformation;
  return { number: signal, code: undefined, address: undefined, sender: undefined, systemCall: undefined };
}

class NotesReading {
  #writer: CoreWriter;
  readonly #threads: { thread: CoreThread; signalInformation: SignalInformation | undefined }[] = [];
  #process: CoreProcess | undefined;
  #auxiliaryVector: AuxiliaryVector | undefined;
  #fileMappings: readonly CoreFileMapping[] | undefined;
  readonly #problems: string[] = [];

  take(note: PlacedNote): void {
    try {
      this.#take(note);
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      this.complain(`A note is damaged: ${error.message}`);
    }
  }

  complain(problem: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }

  finish(): CoreNotes {
    return {
      writer: this.#writer,
      threads: this.#threads.map(({ thread, signalInformation }) => ({ ...thread, signalInformation })),
      process: this.#process,
      auxiliaryVector: this.#auxiliaryVector,
      fileMappings: this.#fileMappings,
      problems: this.#problems,
    };
  }

  #take(note: PlacedNote): void {
    switch (note.type) {
      case NT_PRSTATUS:
        this.#writer ??= 'kernel';
        this.#takeThread(note);
        break;
      case NT_PRPSINFO:
        this.#writer ??= 'debugger';
        this.#process ??= parseProcessInformation(bounded(note, 'NT_PRPSINFO', PROCESS_INFORMATION_BYTES));
        break;
      case NT_SIGINFO:
        this.#takeSignal(note);
        break;
      case NT_AUXV:
        this.#auxiliaryVector ??= parseAuxiliaryVector(bounded(note, 'NT_AUXV', MAX_AUXILIARY_VECTOR_BYTES));
        break;
      case NT_FILE:
        this.#fileMappings ??= parseFileMappings(bounded(note, 'NT_FILE', MAX_FILE_MAPPINGS_BYTES));
        break;
    }
  }

  #takeThread(note: PlacedNote): void {
    if (this.#threads.length === MAX_THREADS) {
      throw new MalformedInputError('NT_PRSTATUS', 0, `there are more than ${MAX_THREADS} threads`);
    }
    const thread = parseThreadStatus(bounded(note, 'NT_PRSTATUS', MAX_THREAD_STATUS_BYTES));
    this.#threads.push({ thread, signalInformation: undefined });
  }

  /** It belongs to the thread before it, in either order of notes. */
  #takeSignal(note: PlacedNote): void {
    const information = parseSignalInformation(bounded(note, 'NT_SIGINFO', SIGNAL_INFORMATION_BYTES));
    const last = this.#threads.at(-1);
    if (last !== undefined) last.signalInformation ??= information;
  }
}

function bounded(note: PlacedNote, name: string, maxBytes: number): Uint8Array {
  if (note.sizeBytes <= maxBytes) return note.read();
  throw new MalformedInputError(name, 0, `it has ${note.sizeBytes} bytes, above ${maxBytes}`);
}

import { note, setWord } from './elf-tables.ts';
import { EM, ET, PT } from './elf-writer.ts';

/** Types of the notes that a core has, include/uapi/linux/elf.h. */
const NT = { prstatus: 1, fpregset: 2, prpsinfo: 3, auxv: 6, file: 0x4649_4c45, siginfo: 0x5349_4749 };

/** A thread to write, NT_PRSTATUS. */
export interface ThreadToWrite {
  readonly threadId: number;
  readonly signal?: number;
  /** 27 registers of zero, as many as x86-64 has, when left out. */
  readonly registers?: Uint8Array;
}

/** The note of a thread. */
export function threadNote({
  threadId,
  signal = 0,
  registers = new Uint8Array(216),
}: ThreadToWrite): Uint8Array {
  const bytes = new Uint8Array(112 + registers.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, signal, true);
  view.setInt32(32, threadId, true);
  bytes.set(registers, 112);
  return note('CORE', NT.prstatus, bytes);
}

/** The note of a process, NT_PRPSINFO. */
export function processNote({
  pid = 100,
  name = 'python3',
  commandLine = 'python3 job.py ',
  isZombie = false,
}) {
  const bytes = new Uint8Array(136);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 'S'.charCodeAt(0), isZombie ? 1 : 0, 0xfb]);
  for (const [index, value] of [1000, 1001, pid, 7, 8, 9].entries())
    view.setUint32(16 + 4 * index, value, true);
  bytes.set(Buffer.from(name).subarray(0, 16), 40);
  bytes.set(Buffer.from(commandLine).subarray(0, 80), 56);
  return note('CORE', NT.prpsinfo, bytes);
}

/** A signal to write; the union has an address, or a pid and a uid. */
export interface SignalToWrite {
  readonly number: number;
  readonly code?: number;
  readonly address?: bigint;
  readonly pid?: number;
  readonly uid?: number;
  readonly systemCall?: number;
}

/** The note of a signal, NT_SIGINFO. */
export function signalNote({
  number,
  code = 0,
  address = 0n,
  pid,
  uid = 0,
  systemCall,
}: SignalToWrite): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, number, true);
  view.setInt32(8, code, true);
  setWord(view, 16, address);
  if (pid !== undefined) view.setInt32(16, pid, true);
  if (pid !== undefined) view.setUint32(20, uid, true);
  if (systemCall !== undefined) view.setInt32(24, systemCall, true);
  return note('CORE', NT.siginfo, bytes);
}

/** The note of what the kernel told the program, NT_AUXV. */
export function auxiliaryNote(values: Readonly<Record<number, number>>): Uint8Array {
  const entries = [...Object.entries(values), [0, 0] as const];
  const bytes = new Uint8Array(entries.length * 16);
  const view = new DataView(bytes.buffer);
  entries.forEach(([type, value], index) => {
    setWord(view, index * 16, Number(type));
    setWord(view, index * 16 + 8, value);
  });
  return note('CORE', NT.auxv, bytes);
}

/** A mapped file to write. */
export interface MappingToWrite {
  readonly start: number;
  readonly end: number;
  /** In units of the page size. */
  readonly page?: number;
  readonly path: string;
}

/** The note of mapped files, NT_FILE. */
export function filesNote(mappings: readonly MappingToWrite[], pageSizeBytes = 4096): Uint8Array {
  const words = [mappings.length, pageSizeBytes];
  for (const { start, end, page = 0 } of mappings) words.push(start, end, page);
  const names = Buffer.from(mappings.map(({ path }) => `${path}\0`).join(''));
  const bytes = new Uint8Array(words.length * 8 + names.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    setWord(view, index * 8, word);
  });
  bytes.set(names, words.length * 8);
  return note('CORE', NT.file, bytes);
}

/** A part of the memory to write. */
export interface MemoryToWrite {
  readonly start: number | bigint;
  /** What the core holds of it, from `start` on; nothing when left out. */
  readonly bytes?: Uint8Array;
  /** As many as there are bytes when left out. */
  readonly sizeBytes?: number;
  /** As many as there are bytes when left out; more is a lie, for a file that the test makes longer. */
  readonly dumpedBytes?: number;
  /** Letters of `rwx`; `rw` when left out. */
  readonly access?: string;
}

/** A core to write. */
export interface CoreToWrite {
  readonly machine?: number;
  readonly notes?: readonly Uint8Array[];
  readonly memory?: readonly MemoryToWrite[];
  /** gdb writes the notes behind the memory, the kernel before it. */
  readonly areNotesLast?: boolean;
  readonly hasLargeCounts?: boolean;
}

const HEADER_BYTES = 64;
const SEGMENT_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;

/** Writes a core file: headers, notes, memory; the counts that do not fit last, as the kernel does. */
export function writeCore({
  machine = EM.x86_64,
  notes = [],
  memory = [],
  areNotesLast = false,
  hasLargeCounts = false,
}: CoreToWrite): Uint8Array {
  const noteBytes = Buffer.concat([...notes]);
  const segmentCount = memory.length + 1;
  const start = HEADER_BYTES + segmentCount * SEGMENT_HEADER_BYTES;
  const memoryBytes = memory.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  const sectionAt = start + noteBytes.length + memoryBytes;
  const file = new Uint8Array(sectionAt + (hasLargeCounts ? SECTION_HEADER_BYTES : 0));
  const view = new DataView(file.buffer);
  writeHeader(view, { machine, segmentCount, sectionAt: hasLargeCounts ? sectionAt : 0 });
  const notesAt = areNotesLast ? start + memoryBytes : start;
  writeSegment(view, HEADER_BYTES, { type: PT.note, fileOffset: notesAt, fileSize: noteBytes.length });
  file.set(noteBytes, notesAt);
  let at = areNotesLast ? start : start + noteBytes.length;
  for (const [index, part] of memory.entries()) {
    const { start: address, bytes = new Uint8Array(), sizeBytes, dumpedBytes, access = 'rw' } = part;
    writeSegment(view, HEADER_BYTES + (index + 1) * SEGMENT_HEADER_BYTES, {
      type: PT.load,
      flags: [...access].reduce((sum, letter) => sum + ({ r: 4, w: 2, x: 1 }[letter] ?? 0), 0),
      fileOffset: at,
      address,
      fileSize: dumpedBytes ?? bytes.length,
      memorySize: sizeBytes ?? bytes.length,
    });
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

interface HeaderFields {
  readonly machine: number;
  readonly segmentCount: number;
  /** Section header 0, which holds the count then; 0 for none. */
  readonly sectionAt: number;
}

function writeHeader(view: DataView, { machine, segmentCount, sectionAt }: HeaderFields): void {
  for (const [at, byte] of [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1].entries()) view.setUint8(at, byte);
  view.setUint16(16, ET.core, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  setWord(view, 32, HEADER_BYTES);
  setWord(view, 40, sectionAt);
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, SEGMENT_HEADER_BYTES, true);
  view.setUint16(56, sectionAt === 0 ? segmentCount : 0xffff, true);
  view.setUint16(58, SECTION_HEADER_BYTES, true);
  view.setUint16(60, sectionAt === 0 ? 0 : 1, true);
  if (sectionAt !== 0) view.setUint32(sectionAt + 44, segmentCount, true);
}

interface SegmentFields {
  readonly type: number;
  readonly flags?: number;
  readonly fileOffset: number;
  readonly address?: number | bigint;
  readonly fileSize: number;
  readonly memorySize?: number;
}

function writeSegment(view: DataView, at: number, segment: SegmentFields): void {
  const { type, flags = 0, fileOffset, address = 0, fileSize, memorySize = 0 } = segment;
  view.setUint32(at, type, true);
  view.setUint32(at + 4, flags, true);
  for (const [index, word] of [fileOffset, address, 0, fileSize, memorySize, 4].entries()) {
    setWord(view, at + 8 + 8 * index, word);
  }
}

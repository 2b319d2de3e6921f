import { expect, test } from 'vitest';
import {
  auxiliaryNote,
  type CoreToWrite,
  filesNote,
  processNote,
  signalNote,
  threadNote,
  writeCore,
} from '../../../test/support/core-writer.ts';
import { note } from '../../../test/support/elf-tables.ts';
import { EM, writeElf } from '../../../test/support/elf-writer.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { readCore } from './core-file.ts';
import { endingSignal } from './core-notes.ts';

const REGISTERS = Uint8Array.from({ length: 216 }, (_, index) => index);
const VECTOR_REGISTERS = note('LINUX', 0x202, new Uint8Array(0x980));
const FLOATING_POINT = note('CORE', 2, new Uint8Array(512));
const SEGV = signalNote({ number: 11, code: 1, address: 0x75bc_d15n });
const AUXV = auxiliaryNote({
  3: 0x5500_0040,
  6: 4096,
  7: 0x7f00_0000,
  9: 0x5500_1000,
  31: 0x7ffe_0000,
  33: 0x7ffd_0000,
});
const FILES = filesNote([
  { start: 0x5500_0000, end: 0x5500_1000, path: '/opt/py/bin/python3' },
  { start: 0x5500_1000, end: 0x5500_3000, page: 1, path: '/opt/py/bin/python3' },
  { start: 0x7f00_0000, end: 0x7f00_1000, path: '/lib/old.so (deleted)' },
]);

/** The order in which the kernel writes notes, and that of gdb. */
const ORDERS: Readonly<Record<string, CoreToWrite>> = {
  kernel: {
    notes: [
      threadNote({ threadId: 101, signal: 11, registers: REGISTERS }),
      processNote({ pid: 100 }),
      SEGV,
      AUXV,
      FILES,
      FLOATING_POINT,
      VECTOR_REGISTERS,
      threadNote({ threadId: 100, signal: 11 }),
      FLOATING_POINT,
      VECTOR_REGISTERS,
    ],
  },
  debugger: {
    notes: [
      processNote({ pid: 100 }),
      threadNote({ threadId: 101, signal: 11, registers: REGISTERS }),
      FLOATING_POINT,
      VECTOR_REGISTERS,
      SEGV,
      threadNote({ threadId: 100 }),
      FLOATING_POINT,
      VECTOR_REGISTERS,
      signalNote({ number: 19, code: 0x80 }),
      AUXV,
      FILES,
      note('GDB', 0xff00_0000 | 0, Buffer.from('<target/>')),
    ],
    areNotesLast: true,
  },
};

function read(core: CoreToWrite) {
  return readCore(new TestSource(writeCore(core), 'test.core'));
}

for (const [writer, core] of Object.entries(ORDERS)) {
  test(`readCore() reads notes in the order of the ${writer}`, () => {
    const { notes, machine } = read(core);
    expect(machine).toBe('x86-64');
    expect(notes.writer).toBe(writer);
    expect(notes.threads.map(({ threadId }) => threadId)).toEqual([101, 100]);
    expect(notes.threads[0]?.registers).toEqual(REGISTERS);
    expect(notes.threads[0]?.signalInformation).toEqual({
      number: 11,
      code: 1,
      errno: 0,
      address: 0x75bc_d15n,
      sender: undefined,
      systemCall: undefined,
    });
    expect(notes.process).toEqual({
      state: 'S',
      isZombie: false,
      niceness: -5,
      uid: 1000,
      gid: 1001,
      pid: 100,
      parentPid: 7,
      processGroup: 8,
      session: 9,
      name: 'python3',
      commandLine: 'python3 job.py ',
    });
    expect(notes.auxiliaryVector).toEqual({
      programHeaders: 0x5500_0040,
      entry: 0x5500_1000,
      loader: 0x7f00_0000,
      executablePath: 0x7ffe_0000,
      virtualLibrary: 0x7ffd_0000,
      pageSizeBytes: 4096,
    });
    expect(notes.fileMappings).toEqual([
      { start: 0x5500_0000, end: 0x5500_1000, fileOffset: 0, path: '/opt/py/bin/python3', isDeleted: false },
      {
        start: 0x5500_1000,
        end: 0x5500_3000,
        fileOffset: 4096,
        path: '/opt/py/bin/python3',
        isDeleted: false,
      },
      { start: 0x7f00_0000, end: 0x7f00_1000, fileOffset: 0, path: '/lib/old.so', isDeleted: true },
    ]);
    expect(notes.problems).toEqual([]);
  });
}

test('readCore() knows which thread a signal belongs to, by the note before it', () => {
  const threads = Object.values(ORDERS).map((core) => read(core).notes.threads);
  expect(threads.map((each) => each.map(({ signalInformation }) => signalInformation?.number))).toEqual([
    [11, undefined],
    [11, 19],
  ]);
  expect(threads.map((each) => each.map(({ signal }) => signal))).toEqual([
    [11, 11],
    [11, undefined],
  ]);
});

test('endingSignal() takes what the first thread has: its information, its number alone, or none', () => {
  const signals = [
    [threadNote({ threadId: 1, signal: 11 }), SEGV],
    [threadNote({ threadId: 1, signal: 6 })],
    [threadNote({ threadId: 1 })],
    [],
  ].map((notes) => endingSignal(read({ notes }).notes));
  expect(signals.map((signal) => signal && [signal.number, signal.code])).toEqual([
    [11, 1],
    [6, undefined],
    [0, undefined],
    undefined,
  ]);
});

test('readCore() takes the registers of aarch64 as they are', () => {
  const registers = Uint8Array.from({ length: 272 }, (_, index) => index % 256);
  const { machine, notes } = read({ machine: EM.aarch64, notes: [threadNote({ threadId: 5, registers })] });
  expect(machine).toBe('aarch64');
  expect(notes.threads[0]?.registers).toEqual(registers);
});

test('readCore() takes the true flag of a zombie, and names of full length', () => {
  const { process } = read({
    notes: [processNote({ isZombie: true, name: 'abcdefghijklmnop', commandLine: 'x'.repeat(80) })],
  }).notes;
  expect(process?.isZombie).toBe(true);
  expect(process?.name).toBe('abcdefghijklmnop');
  expect(process?.commandLine).toHaveLength(80);
});

test('readCore() takes offsets in bytes, as gdb writes them', () => {
  const notes = [filesNote([{ start: 0x1000, end: 0x2000, page: 0x3000, path: '/lib/x.so' }], 1)];
  expect(read({ notes }).notes.fileMappings).toMatchObject([{ fileOffset: 0x3000, path: '/lib/x.so' }]);
});

test('readCore() says that notes are damaged and reads the others', () => {
  const { notes } = read({
    notes: [
      note('CORE', 1, new Uint8Array(50)),
      note('CORE', 3, new Uint8Array(10)),
      note('CORE', 0x4649_4c45, Uint8Array.from([255, 255, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0])),
      note('CORE', 0x5349_4749, new Uint8Array(4096)),
      threadNote({ threadId: 3 }),
    ],
  });
  expect(notes.threads.map(({ threadId }) => threadId)).toEqual([3]);
  expect(notes.problems).toEqual([
    'A note is damaged: Cannot read NT_PRSTATUS at offset 50: it has no registers',
    expect.stringMatching(/^A note is damaged: Cannot read NT_PRPSINFO at offset \d+: /),
    'A note is damaged: Cannot read NT_FILE at offset 16: 65535 mappings do not fit into 16 bytes',
    'A note is damaged: Cannot read NT_SIGINFO at offset 0: it has 4096 bytes, above 128',
  ]);
});

test.each(Object.entries(ORDERS))(
  'readCore() reads what is there of a core of the %s cut off anywhere',
  (_, core) => {
    const bytes = writeCore({ ...core, memory: [{ start: 0x1000, bytes: new Uint8Array(64) }] });
    const ids = new Set<string>();
    for (let end = 64 + 2 * 56; end <= bytes.length; end += 4) {
      const { notes, missingBytes } = readCore(new TestSource(bytes.subarray(0, end), 'test.core'));
      if (missingBytes !== bytes.length - end) throw new RangeError(`${missingBytes} at ${end}`);
      ids.add(notes.threads.map(({ threadId }) => threadId).join());
    }
    expect([...ids]).toEqual(['', '101', '101,100']);
  },
);

test('readCore() says that notes are cut off', () => {
  const bytes = writeCore({ notes: [threadNote({ threadId: 3 }), processNote({})] });
  const { notes } = readCore(new TestSource(bytes.subarray(0, bytes.length - 8), 'test.core'));
  expect(notes.problems).toEqual(['Notes are missing: the file ends before its notes do']);
  expect(notes.threads).toHaveLength(1);
});

test('readCore() sorts segments, leaves out what no address names, and lets none reach into the next', () => {
  const { segments } = read({
    memory: [
      { start: 0x9000, bytes: new Uint8Array(16), sizeBytes: 0x1000, access: 'rx' },
      { start: 0x1000, bytes: new Uint8Array(0x2000) },
      { start: 0x2000, bytes: new Uint8Array(0x800), sizeBytes: 0x1000, access: 'r' },
      { start: 0xffff_ffff_ff60_0000n, bytes: new Uint8Array(16) },
    ],
  });
  expect(segments).toMatchObject([
    { start: 0x1000, end: 0x2000, dumpedBytes: 0x1000, isWritable: true, isExecutable: false },
    { start: 0x2000, end: 0x3000, dumpedBytes: 0x800, presentBytes: 0x800, isWritable: false },
    { start: 0x9000, end: 0xa000, dumpedBytes: 16, presentBytes: 16, isExecutable: true },
  ]);
});

test('readCore() reads 70,000 segments, whose count lies in section header 0', () => {
  const memory = Array.from({ length: 70_000 }, (_, index) => ({
    start: 0x1000 * (index + 1),
    sizeBytes: 0x1000,
  }));
  const bytes = writeCore({ notes: [threadNote({ threadId: 3 })], memory, hasLargeCounts: true });
  expect(readCore(new TestSource(bytes)).segments).toHaveLength(70_000);
  // The kernel writes section header 0 last, so that a core that was cut off has lost it.
  const cutOff = readCore(new TestSource(bytes.subarray(0, 64 + 70_001 * 56 + 400)));
  expect(cutOff.segments).toHaveLength(70_000);
  expect(cutOff.notes.threads).toHaveLength(1);
});

test('readCore() refuses what is no core', () => {
  expect(() => readCore(new TestSource(writeElf({}), 'lib.so'))).toThrow(
    'Cannot read lib.so at offset 16: not a core file, its ELF type is shared',
  );
  expect(() => readCore(new TestSource(Buffer.from('#!/bin/sh\n'), 'job.sh'))).toThrow(
    'Cannot read job.sh at offset 0: not an ELF file',
  );
});

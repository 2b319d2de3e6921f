import { expect, test } from 'vitest';
import { signalNote } from '../../../test/support/core-writer.ts';
import { parseNotes } from '../notes.ts';
import { parseSignalInformation, type SignalInformation } from './signal-information.ts';

function parse(signal: Parameters<typeof signalNote>[0]): SignalInformation | undefined {
  const [note] = parseNotes(signalNote(signal), 4, 'notes');
  return note && parseSignalInformation(note.description);
}

test.each([
  ['a NULL dereference', { number: 11, code: 1, address: 0n }, { address: 0n }],
  [
    'an address above all addresses',
    { number: 7, code: 2, address: 2n ** 64n - 1n },
    { address: 2n ** 64n - 1n },
  ],
  ['the instruction of a division by zero', { number: 8, code: 1, address: 0x4000n }, { address: 0x4000n }],
  [
    'no address of a general protection fault',
    { number: 11, code: 0x80, address: 0n },
    { address: undefined },
  ],
  [
    'the sender of kill(2)',
    { number: 11, code: 0, pid: 42, uid: 7 },
    { sender: { pid: 42, uid: 7 }, address: undefined },
  ],
  [
    'the sender of tgkill(2), as of abort(3)',
    { number: 6, code: -6, pid: 42, uid: 7 },
    { sender: { pid: 42, uid: 7 } },
  ],
  ['the sender of sigqueue(3)', { number: 3, code: -1, pid: 1, uid: 0 }, { sender: { pid: 1, uid: 0 } }],
  ['no sender of a timer', { number: 6, code: -2, pid: 42 }, { sender: undefined }],
  [
    'a system call that was not allowed',
    { number: 31, code: 1, address: 0x4000n, systemCall: 59 },
    { systemCall: 59, address: 0x4000n },
  ],
  ['no sender of no signal', { number: 0, code: 0, pid: 0 }, { sender: undefined, number: 0 }],
  ['no sender of what a debugger stopped', { number: 19, code: 0x80, pid: 0 }, { sender: undefined }],
] as const)('parseSignalInformation() tells %s', (_, signal, expected) => {
  expect(parse(signal)).toMatchObject(expected);
});

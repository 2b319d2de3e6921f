import { expect, test } from 'vitest';
import type { OpenFile } from '../model/open-file.ts';
import type { SystemCallWait } from '../model/thread-wait.ts';
import { callWords } from './call-words.ts';

const SOCKET: Extract<OpenFile, { kind: 'socket' }> = {
  kind: 'socket',
  fd: 5,
  protocol: 'tcp',
  local: '127.0.0.1:8080',
  peer: undefined,
  isListening: true,
};

function wordsOf(changes: Partial<SystemCallWait>): string {
  const wait: SystemCallWait = {
    kind: 'system-call',
    name: 'poll',
    files: [],
    child: undefined,
    lastsSeconds: undefined,
    remainingSeconds: undefined,
    ...changes,
  };
  return callWords(wait, { state: 'blocked', syscall: 7, syscallName: 'poll', args: [] });
}

test.each<readonly [string, Partial<SystemCallWait>]>([
  ['read on /dev/pts/0 (fd 0)', { name: 'read', files: [{ kind: 'file', fd: 0, path: '/dev/pts/0' }] }],
  ['read on pipe 3', { name: 'read', files: [{ kind: 'pipe', fd: 3 }] }],
  [
    'poll on eventfd 4; fd 9',
    {
      files: [
        { kind: 'other', fd: 4, name: 'eventfd' },
        { kind: 'unknown', fd: 9 },
      ],
    },
  ],
  ['accept4 on tcp socket 5, listening at 127.0.0.1:8080', { name: 'accept4', files: [SOCKET] }],
  [
    'recvfrom on tcp socket 5, 127.0.0.1:8080 to 10.0.0.5:5432',
    { name: 'recvfrom', files: [{ ...SOCKET, isListening: false, peer: '10.0.0.5:5432' }] },
  ],
  ['poll on socket 5', { files: [{ ...SOCKET, protocol: undefined, local: undefined, isListening: false }] }],
  ['wait4 for child process 77 (gzip)', { name: 'wait4', child: { pid: 77, name: 'gzip' } }],
  ['wait4 for any child process', { name: 'wait4', child: 'any' }],
  ['clock_nanosleep for another 59 s', { name: 'clock_nanosleep', remainingSeconds: 59 }],
  ['poll for 2.50 s at most', { lastsSeconds: 2.5 }],
  ['system call 7', { name: undefined }],
])('callWords() says %s', (words, changes) => {
  expect(wordsOf(changes)).toBe(words);
});

test('callWords() names three files and counts the others', () => {
  const files = [1, 2, 3, 4, 5].map((fd): OpenFile => ({ kind: 'pipe', fd }));
  expect(wordsOf({ files })).toBe('poll on pipe 1; pipe 2; pipe 3; 2 more');
});

import { expect, test } from 'vitest';
import { parseInetSockets, parseUnixSockets } from './net-sockets.ts';

// cat /proc/net/tcp of Linux 6.1, addresses changed.
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337 1 0000000000000000 100 0 0 10 0
   1: 0101A8C0:9C40 0A00000A:1538 01 00000000:00000000 02:000AFC80 00000000  1000        0 27182 2 0000000000000000 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31415 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:9C40 B80D0120000000000000000001000000:01BB 01 00000000:00000000 00:00000000 00000000     0        0 16180 1 0000000000000000 20 4 30 10 -1
`;

test('parseInetSockets() tells inodes, addresses and who listens', () => {
  expect(parseInetSockets(TCP)).toEqual([
    { inode: 31337, local: '127.0.0.1:8080', peer: undefined, isListening: true },
    { inode: 27182, local: '192.168.1.1:40000', peer: '10.0.0.10:5432', isListening: false },
  ]);
});

test('parseInetSockets() writes addresses of IPv6 as RFC 5952 does', () => {
  expect(parseInetSockets(TCP6)).toEqual([
    { inode: 31415, local: '[::1]:53', peer: undefined, isListening: true },
    { inode: 16180, local: '[::ffff:127.0.0.1]:40000', peer: '[2001:db8::1]:443', isListening: false },
  ]);
});

test('parseInetSockets() leaves out lines of another form', () => {
  expect(parseInetSockets('nothing\n 0: zz:1F90 1 2\n')).toEqual([]);
});

test('parseUnixSockets() tells inodes, paths where there are any, and who listens', () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 27183 /run/shop of mine.sock
0000000000000000: 00000003 00000000 00000000 0001 03 28459
`;
  expect(parseUnixSockets(text)).toEqual([
    { inode: 27183, local: '/run/shop of mine.sock', peer: undefined, isListening: true },
    { inode: 28459, local: undefined, peer: undefined, isListening: false },
  ]);
});

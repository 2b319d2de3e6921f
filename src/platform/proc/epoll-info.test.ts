import { expect, test } from 'vitest';
import { parseEpollInfo } from './epoll-info.ts';

test('parseEpollInfo() lists the descriptors that are watched', () => {
  const text =
    'pos:\t0\nflags:\t02\ntfd:        5 events:       19 data:   5  pos:0 ino:61 sdev:9\ntfd:       12 events: 1\n';
  expect(parseEpollInfo(text)).toEqual([5, 12]);
  expect(parseEpollInfo('pos:\t0\n')).toEqual([]);
});

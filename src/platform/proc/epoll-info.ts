/** Parses which files an epoll file watches, from /proc/PID/fdinfo/FD (fs/eventpoll.c, `ep_show_fdinfo`). */
// pos:	0
// tfd:        5 events:       19 data:                5  pos:0 ino:61 sdev:9
export function parseEpollInfo(text: string): readonly number[] {
  return [...text.matchAll(/^tfd:\s*(\d+)/gmu)].map(([, fd]) => Number(fd));
}

import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { decodeOsString } from '../base/os-string.ts';
import { isGone, isRefused } from './errno.ts';
import { parseEpollInfo } from './proc/epoll-info.ts';
import { type NetSocket, parseInetSockets, parseUnixSockets } from './proc/net-sockets.ts';
import { readSystemText } from './system-file.ts';

/** A socket and what it speaks. */
export interface ProtocolSocket extends NetSocket {
  readonly protocol: 'tcp' | 'udp' | 'unix';
}

/**
 * Reads what a descriptor of a process is: a path, `socket:[31337]`, `pipe:[27182]`, `anon_inode:[eventpoll]`;
 * `undefined` when it is not open, as in every reader of this file when something is gone or not ours to see.
 */
export function readDescriptorLink(pid: number, fd: number): string | undefined {
  return readIfThere(() => decodeOsString(readlinkSync(`/proc/${pid}/fd/${fd}`, { encoding: 'buffer' })));
}

/** Whether a descriptor of a process is a pipe that has a name. */
export function isNamedPipe(pid: number, fd: number): boolean {
  return readIfThere(() => statSync(`/proc/${pid}/fd/${fd}`).isFIFO()) ?? false;
}

/** Lists the sockets that a process has open, by the numbers that the kernel gave them. */
export function listSocketInodes(pid: number): ReadonlySet<number> {
  const names = readIfThere(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  const inodes = names.map((name) => {
    const link = readDescriptorLink(pid, Number(name)) ?? '';
    return Number(/^socket:\[(\d+)\]$/u.exec(link)?.[1]);
  });
  return new Set(inodes.filter((inode) => !Number.isNaN(inode)));
}

/** Reads which descriptors an epoll descriptor of a process watches. */
export function readWatchedDescriptors(pid: number, fd: number): readonly number[] {
  return parseEpollInfo(readText(`/proc/${pid}/fdinfo/${fd}`));
}

/** Reads the sockets of the network namespace that a process is in. */
export function readNetSockets(pid: number): readonly ProtocolSocket[] {
  return SOCKET_TABLES.flatMap(([name, protocol, parse]) =>
    parse(readText(`/proc/${pid}/net/${name}`)).map((socket) => ({ ...socket, protocol })),
  );
}

const SOCKET_TABLES = [
  ['tcp', 'tcp', parseInetSockets],
  ['tcp6', 'tcp', parseInetSockets],
  ['udp', 'udp', parseInetSockets],
  ['udp6', 'udp', parseInetSockets],
  ['unix', 'unix', parseUnixSockets],
] as const;

/**
 * Reads what the monotonic clock of a process says now, in seconds; `undefined` for one in a time namespace of its own,
 * whose clock is another one.
 */
export function readMonotonicSeconds(pid: number): number | undefined {
  const namespaces = [pid, 'self'].map((id) => readIfThere(() => readlinkSync(`/proc/${id}/ns/time`)));
  return namespaces[0] === namespaces[1] ? Number(process.hrtime.bigint()) / 1e9 : undefined;
}

/** Reads the kernel's name of the program that a process runs. */
export function readProgramName(pid: number): string | undefined {
  const name = readText(`/proc/${pid}/comm`).replace(/\n$/u, '');
  return name === '' ? undefined : name;
}

/** Reads in which function of the kernel a thread sleeps: `do_sys_poll`. */
export function readSleepFunction(pid: number, threadId: number): string | undefined {
  const name = readText(`/proc/${pid}/task/${threadId}/wchan`).trimEnd();
  return name === '' || name === '0' ? undefined : name;
}

function readText(path: string): string {
  return readIfThere(() => readSystemText(path)) ?? '';
}

function readIfThere<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isGone(error) || isRefused(error)) return undefined;
    throw error;
  }
}

import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { FfiUnavailableError } from '../base/errors.ts';
import { loadLibc } from './libc.ts';

/** Who is at the other end of a Unix socket, as the kernel says: who called listen(2), for who has connected. */
export interface Peer {
  /** In our pid namespace; 0 when it is not seen from there. */
  readonly pid: number;
  /** In our user namespace. */
  readonly uid: number;
}

/** Bytes to and from somebody else, who may be hostile. */
export interface ByteChannel extends Disposable {
  readonly peer: Peer;
  /** Bytes that wait until the other side takes them. */
  readonly waitingBytes: number;
  send(bytes: Uint8Array): void;
  /** Hands on what comes, and says once when nothing can come any more. */
  listen(listener: ChannelListener): void;
}

/** Hears what comes through a channel. */
export interface ChannelListener {
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onEnd: () => void;
}

const AF_UNIX = 1;
const ENOENT = 2;
const ECONNREFUSED = 111;
/** SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC (include/linux/net.h). */
const STREAM_TYPE = 0o2004001;
const SO_PEERCRED = 17;
/** Of `struct sockaddr_un`; the kernel refuses longer paths. */
const MAX_PATH_BYTES = 107;

/**
 * Connects to a Unix socket; `undefined` when nobody listens there. By system calls of our own: Node.js does not say who
 * the peer is, and waits for ever where a listener accepts nobody.
 * @throws {FfiUnavailableError} without the FFI
 */
export async function connectUnix(path: string): Promise<ByteChannel | undefined> {
  const libc = loadLibc();
  if (libc === undefined) throw new FfiUnavailableError('tell who serves a socket');
  const fd = libc.socket(AF_UNIX, STREAM_TYPE);
  if (fd < 0) return undefined;
  const credentials = new Uint8Array(12);
  const isConnected =
    libc.connect(fd, socketAddress(path)) === 0 && libc.getSocketOption(fd, SO_PEERCRED, credentials) === 0;
  if (!isConnected) {
    closeSync(fd);
    return undefined;
  }
  const [pid = 0, uid = 0] = new Uint32Array(credentials.buffer);
  return await channelOf(fd, { pid, uid });
}

/** Whether nobody listens there for sure. One who is too busy to take a connection does; so may one who cannot be asked. */
export function isUnserved(path: string): boolean {
  const libc = loadLibc();
  const fd = libc?.socket(AF_UNIX, STREAM_TYPE) ?? -1;
  if (libc === undefined || fd < 0) return false;
  const result = libc.connect(fd, socketAddress(path));
  closeSync(fd);
  return result === -ENOENT || result === -ECONNREFUSED;
}

/** `struct sockaddr_un`: the family in the byte order of the machine, and the path with a NUL behind it. */
function socketAddress(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  if (bytes.length > MAX_PATH_BYTES) throw new RangeError(`Cannot connect to ${path}: the path is too long`);
  const family = endianness() === 'LE' ? [AF_UNIX, 0] : [0, AF_UNIX];
  return Buffer.concat([Uint8Array.from(family), bytes, Uint8Array.of(0)]);
}

/** Loads what connections are made of: for who has to wait before there is one. */
export async function prepareConnections(): Promise<void> {
  await import('node:net');
}

async function channelOf(fd: number, peer: Peer): Promise<ByteChannel> {
  // Loaded when needed: it takes 3 ms, which commands that look from outside would pay.
  const { Socket } = await import('node:net');
  const socket = new Socket({ fd, readable: true, writable: true });
  // What went wrong is heard of as the end.
  socket.on('error', () => undefined);
  return {
    peer,
    get waitingBytes() {
      return socket.writableLength;
    },
    send: (bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    },
    listen: ({ onBytes, onEnd }) => {
      socket.on('data', onBytes);
      socket.once('close', onEnd);
    },
    [Symbol.dispose]: () => {
      socket.destroy();
    },
  };
}

import type { ChildProcess, OpenFile } from '../model/open-file.ts';
import {
  type ProtocolSocket,
  readDescriptorLink,
  readMonotonicSeconds,
  readNetSockets,
  readProgramName,
  readSleepFunction,
  readWatchedDescriptors,
} from '../platform/descriptor-files.ts';

/** What the kernel keeps of a living process beside its memory, as it is when it is asked. */
export class Surroundings {
  readonly #pid: number;
  readonly #isNested: boolean;
  #sockets: ReadonlyMap<number, ProtocolSocket> | undefined;

  /** @param isNested whether the process numbers others otherwise than we do */
  constructor(pid: number, isNested: boolean) {
    this.#pid = pid;
    this.#isNested = isNested;
  }

  /** Describes what a descriptor of the process is. */
  openFile(fd: number): OpenFile {
    const link = readDescriptorLink(this.#pid, fd);
    if (link === undefined) return { kind: 'unknown', fd };
    const { type, name = '' } =
      /^(?<type>socket|pipe|anon_inode):\[?(?<name>[^\]]*)\]?$/u.exec(link)?.groups ?? {};
    if (type === 'pipe') return { kind: 'pipe', fd };
    if (type === 'anon_inode') return { kind: 'other', fd, name };
    return type === 'socket' ? this.#socket(fd, Number(name)) : { kind: 'file', fd, path: link };
  }

  /** Lists which descriptors an epoll descriptor watches. */
  watchedBy(fd: number): readonly number[] {
    return readWatchedDescriptors(this.#pid, fd);
  }

  /** Describes a child of the process, by the id that the process knows. */
  child(pid: number): ChildProcess {
    return { pid, name: this.#isNested ? undefined : readProgramName(pid) };
  }

  /** What the clock that never jumps says to the process now, in seconds; `undefined` where it is not ours. */
  monotonicSeconds(): number | undefined {
    return readMonotonicSeconds(this.#pid);
  }

  /** The function of the kernel that a thread sleeps in: `do_sys_poll`; `undefined` where the kernel does not say. */
  sleepsIn(threadId: number): string | undefined {
    return readSleepFunction(this.#pid, threadId);
  }

  #socket(fd: number, inode: number): OpenFile {
    this.#sockets ??= new Map(readNetSockets(this.#pid).map((socket) => [socket.inode, socket]));
    const { protocol, local, peer, isListening = false } = this.#sockets.get(inode) ?? {};
    return { kind: 'socket', fd, protocol, local, peer, isListening };
  }
}

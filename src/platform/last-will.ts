import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { silently } from './errno.ts';
import { type Libc, loadLibc } from './libc.ts';
import { SIGINFO, WAIT } from './waitid.ts';

/** A directory that is removed should we be killed. */
export interface WilledDirectory {
  /** An open descriptor of the directory above it. */
  readonly parent: number;
  readonly name: string;
  /** Files that are removed with it, as far as they are there. */
  readonly files: readonly string[];
  /** A socket: with that in it, it is somebody else's by now, and stays. */
  readonly socket: string;
}

const SHELL = '/bin/sh';
const ENVIRONMENT = ['PATH=/usr/bin:/bin:/usr/sbin:/sbin'];

/**
 * Its standard input ends when we do. The directory may be another user's by then: it is entered first, and nothing is done in what
 * a symbolic link has led to.
 */
const SCRIPT = `socket=$1; shift
cd /proc/self/fd/3 || exit
while read -r word; do last=$word; done
[ "$last" = die ] || exit
[ ! -h "$0" ] && cd "./$0" && [ "../$0" -ef . ] || exit
[ -S "./$socket" ] && exit
rm -f "$@"
rmdir "../$0"`;

const REAP_EVERY_MS = 20;

/**
 * What becomes of a directory when we are killed: a shell waits for our end, and removes it then. It is started before the directory is
 * made, by posix_spawn(3), for which Node.js takes ten times as long.
 */
export class LastWill implements Disposable {
  readonly #libc: Libc;
  readonly #processId: number;
  readonly #words: number;
  #isRevoked = false;

  private constructor(libc: Libc, processId: number, words: number) {
    this.#libc = libc;
    this.#processId = processId;
    this.#words = words;
    this.#say('die');
  }

  /** `undefined` where there is no shell, or no more processes. */
  static write(directory: WilledDirectory): LastWill | undefined {
    const libc = loadLibc();
    const ends = libc?.pipe();
    if (libc === undefined || ends === undefined) return undefined;
    const [input, words] = ends;
    const processId = startShell(libc, input, directory);
    closeSync(input);
    if (processId > 0) return new LastWill(libc, processId, words);
    closeSync(words);
    return undefined;
  }

  /** Whether the directory is to outlive us, since somebody has been told of it. */
  outlives(isSo: boolean): void {
    this.#say(isSo ? 'live' : 'die');
  }

  /** From now on nothing happens to the directory when we end. */
  [Symbol.dispose](): void {
    if (this.#isRevoked) return;
    this.#isRevoked = true;
    this.#say('live');
    closeSync(this.#words);
    this.#reap();
  }

  /** The shell may have been killed. */
  #say(word: string): void {
    silently(() => writeSync(this.#words, `${word}\n`));
  }

  /** Does not keep the program alive: when that ends, somebody else does it. */
  #reap(): void {
    const timer = setTimeout(() => {
      const siginfo = new Uint8Array(SIGINFO.sizeBytes);
      const result = this.#libc.waitid(this.#processId, siginfo, WAIT.WEXITED | WAIT.WNOHANG);
      if (result === 0 && siginfo.every((byte) => byte === 0)) this.#reap();
    }, REAP_EVERY_MS);
    timer.unref();
  }
}

/** Its process id; below 0 where it cannot be started. */
function startShell(libc: Libc, input: number, { parent, name, files, socket }: WilledDirectory): number {
  const nothing = silently(() => openSync('/dev/null', constants.O_RDWR));
  if (nothing === undefined) return -1;
  const processId = libc.spawn({
    path: SHELL,
    words: ['sh', '-c', SCRIPT, name, socket, ...files],
    environment: ENVIRONMENT,
    descriptors: [input, nothing, nothing, parent],
  });
  closeSync(nothing);
  return processId;
}

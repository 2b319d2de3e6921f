import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Interpreter } from './interpreters.ts';
import { programsSeenBy, startCommand, type Target } from './target.ts';

/** A target that sees another system than we do. */
export interface SandboxedTarget extends AsyncDisposable {
  readonly target: Target;
  /** Its id in our pid namespace. */
  readonly pid: number;
  /** The source text that the target itself runs, by line. */
  readonly sourceLines: readonly string[];
  /** It has thread ids of its own. */
  readonly hasOwnPids: boolean;
}

/** A way to set a target apart from us. */
export interface Sandbox {
  readonly name: string;
  readonly hasOwnPids: boolean;
  /** Whether its files lie at paths where we have decoys. */
  readonly hasOwnFiles: boolean;
  /** The versions that it is tried with: one at least of each way to find thread ids. */
  readonly families: readonly string[];
  /** The words before the interpreter's options. */
  readonly enter: (place: Place) => readonly string[];
}

/** Where a sandbox keeps its files. */
interface Place {
  /** The root directory of a chroot. */
  readonly root: string;
  /** The same directory for us and for the target: a decoy here, the truth there. */
  readonly programs: string;
  /** The interpreter as the target sees it. */
  readonly program: string;
  /** The words that start it without any sandbox. */
  readonly command: readonly string[];
  /** The interpreter as we see it. */
  readonly path: string;
}

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));

const ALL_FAMILIES = ['2.7', '3.8', '3.11', '3.12', '3.13', '3.14', '3.15'];

const OWN_PIDS = ['--pid', '--fork', '--kill-child'];

/**
 * In a mount namespace of its own, mounts an empty file system over the programs, and copies there the true ones and
 * the interpreter, which then lie where we have no file at all.
 */
const HIDE_FILES = `
set -e
programs=$1 truth=$2 prefix=$3 python=$4
shift 4
mount -t tmpfs none "$programs"
cp -rp "$truth"/. "$programs"
mkdir -p "$programs/python/bin" "$programs/python/lib"
cp "$prefix/bin/$python" "$programs/python/bin/$python"
for file in "$prefix"/lib/*; do
  case $file in
    *.so*) cp -P "$file" "$programs/python/lib" ;;
    */python*) mkdir "$programs/python/lib/\${file##*/}"; mount --bind "$file" "$programs/python/lib/\${file##*/}" ;;
  esac
done
export LD_LIBRARY_PATH="$programs/python/lib"
exec "$programs/python/bin/$python" "$@"`;

/** Every way to set a target apart that these tests know. */
export const SANDBOXES: readonly Sandbox[] = [
  {
    name: 'another pid namespace',
    hasOwnPids: true,
    hasOwnFiles: false,
    families: ALL_FAMILIES,
    enter: ({ command }) => ['unshare', ...OWN_PIDS, '--mount-proc', ...command],
  },
  {
    name: 'another user namespace',
    hasOwnPids: false,
    hasOwnFiles: false,
    families: ['3.8', '3.13'],
    enter: ({ command }) => ['unshare', '--user', '--map-root-user', ...command],
  },
  {
    name: 'another mount namespace, with files of its own',
    hasOwnPids: false,
    hasOwnFiles: true,
    families: ['2.7', '3.8', '3.12', '3.13'],
    enter: ({ root, programs, path }) => [
      ...['unshare', '--mount', 'sh', '-c', HIDE_FILES, 'sh'],
      ...[programs, join(root, programs), dirname(dirname(path)), basename(path)],
    ],
  },
  {
    name: 'a chroot',
    hasOwnPids: false,
    hasOwnFiles: true,
    families: ['2.7', '3.11', '3.14', '3.15'],
    enter: ({ root, program }) => ['chroot', root, program],
  },
  {
    name: 'a container: user, pid and mount namespaces and a root of its own',
    hasOwnPids: true,
    hasOwnFiles: true,
    families: ALL_FAMILIES,
    enter: ({ root, program }) => [
      ...['unshare', '--user', '--map-root-user', ...OWN_PIDS, `--mount-proc=${join(root, 'proc')}`],
      ...['chroot', root, program],
    ],
  },
];

/** Tells why sandboxes cannot be made here; `undefined` when they can. */
export function sandboxObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only the superuser can make mount and pid namespaces';
  const { status, stderr } = spawnSync('unshare', ['-m', '-p', '-f', '--mount-proc', 'true'], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `unshare fails: ${stderr.trim()}`;
}

/** Starts a program of `test/programs` set apart from us, and waits until it has announced itself. */
export async function startSandboxed(
  sandbox: Sandbox,
  interpreter: Interpreter,
  program: string,
): Promise<SandboxedTarget> {
  const scratch = mkdtempSync(join(tmpdir(), 'pyflight-sandbox-'));
  const programs = sandbox.hasOwnFiles ? join(scratch, 'programs') : programsSeenBy(interpreter);
  const place = {
    root: interpreter.root ?? join(scratch, 'root'),
    programs,
    program: interpreter.command.at(-1) ?? '',
    command: interpreter.command,
    path: interpreter.path,
  };
  const removed: string[] = [scratch];
  if (sandbox.hasOwnFiles) {
    mkdirSync(join(place.root, 'proc'), { recursive: true });
    layDecoys(programs);
    cpSync(PROGRAMS, join(place.root, programs), { recursive: true, preserveTimestamps: true });
    if (interpreter.root === undefined) fillRoot(place.root, interpreter);
    else removed.push(join(interpreter.root, scratch));
  }
  const command = [...sandbox.enter(place), '-S', '-B', join(programs, program)];
  try {
    const target = await startCommand(interpreter, command);
    const pid = innermostChildOf(target.pid);
    await untilMainThreadReads(pid);
    return {
      target,
      pid,
      sourceLines: readFileSync(join(PROGRAMS, program), 'utf8').split('\n'),
      hasOwnPids: sandbox.hasOwnPids,
      async [Symbol.asyncDispose]() {
        await target.stop();
        removeAll(removed);
      },
    };
  } catch (error) {
    removeAll(removed);
    throw error;
  }
}

/** `/proc/PID/syscall` of a process whose main thread is in read(2) on its standard input. */
const READS_STDIN = /^(0|63) 0x0 /;

/** Waits until the main thread, which announced, is in the read that it announced: it says so before it goes there. */
export async function untilMainThreadReads(pid: number): Promise<void> {
  while (!READS_STDIN.test(readFileSync(`/proc/${pid}/syscall`, 'latin1'))) await wait(1);
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}

/** What lies at the paths of the programs for us, so that a reader who confuses the two file systems shows it. */
function layDecoys(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(PROGRAMS).filter((each) => each.endsWith('.py'))) {
    writeFileSync(join(directory, name), 'this line is a decoy\n'.repeat(500));
  }
}

/** `unshare --fork` waits beside its child, which is the target. */
export function innermostChildOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return child === undefined || child === '' ? pid : innermostChildOf(Number(child));
}

/** Puts an interpreter of ours, at the path that it has, and the libraries that it needs into a root directory. */
function fillRoot(root: string, { path }: Interpreter): void {
  const prefix = dirname(dirname(path));
  mkdirSync(join(root, dirname(prefix)), { recursive: true });
  // Hard links, where the file system of the scratch directory is the interpreter's: nothing to copy.
  const linked = spawnSync('cp', ['-al', prefix, join(root, prefix)]);
  if (linked.status !== 0) execFileSync('cp', ['-a', prefix, join(root, prefix)]);
  for (const library of librariesOf(path)) {
    if (existsSync(join(root, library))) continue;
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(library, join(root, library), { dereference: true });
  }
  // Some of Debian's directories are links, and the loader is asked for by the path without.
  if (!existsSync(join(root, 'lib64'))) symlinkSync('/usr/lib64', join(root, 'lib64'));
}

/** The shared libraries of a program and its extension modules, its own excepted. */
function librariesOf(path: string): readonly string[] {
  const prefix = dirname(dirname(path));
  const extensions = readdirSync(join(prefix, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /^_ctypes\..*so$|^_ctypes\.so$/u.test(basename(name)))
    .map((name) => join(prefix, 'lib', name));
  const listing = [path, ...extensions].map((file) => execFileSync('ldd', [file], { encoding: 'utf8' }));
  const paths = listing.join('').matchAll(/(?:=> |^\s+)(\/\S+) \(/gmu);
  return [...new Set([...paths].flatMap(([, library]) => library ?? []))].filter(
    (library) => !library.startsWith(prefix),
  );
}

/** Makes directories read-only, and runs what comes behind it. What is in them stays: this project may lie in one. */
export function readOnlyScript(places: readonly string[]): string {
  return `for d in ${places.join(' ')}; do mount --bind $d $d && mount -o remount,bind,ro $d; done; exec "$@"`;
}

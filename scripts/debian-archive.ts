import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Which packages make a root. */
export interface PackageChoice {
  /** Taken with all that they depend on. */
  readonly packages: readonly string[];
  /** Taken alone: headers, whose dependencies are those of a compiler. */
  readonly alone: readonly string[];
}

/** The archive did not give what was asked; the message says which step failed, and why. */
export class ArchiveError extends Error {}

const run = promisify(execFile);
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Suites of the archive proper: `bookworm`, not `bookworm-security`, which lies elsewhere. */
const ARCHIVE_SUITE =
  /^(bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)$/;

/** Directories that Debian's packages expect to be links into /usr. */
const MERGED_DIRECTORIES = ['bin', 'lib', 'lib64', 'sbin'];

/**
 * Lists the Debian mirrors that this machine's own sources name, whatever the format of the files.
 * @throws {ArchiveError} where there is no apt
 */
export async function debianMirrors(): Promise<readonly string[]> {
  const listed = await step('find apt', 'apt-get', [
    'indextargets',
    '--no-release-info',
    '--format',
    '$(REPO_URI) $(RELEASE)',
    'Created-By: Packages',
  ]);
  const mirrors = listed
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, release = '']) => ARCHIVE_SUITE.test(release))
    .map(([uri = '']) => uri);
  return [...new Set(mirrors)];
}

/**
 * One suite of a mirror, seen by an apt of its own that believes that nothing is installed. apt checks the
 * signature of the suite and the digest of each package; nothing of the machine's own package state is read or
 * changed.
 */
export class DebianSuite {
  readonly #home: string;
  readonly #apt: (what: string, args: readonly string[]) => Promise<string>;

  private constructor(home: string, apt: (what: string, args: readonly string[]) => Promise<string>) {
    this.#home = home;
    this.#apt = apt;
  }

  /** @throws {ArchiveError} when the mirror does not answer or lacks the suite */
  static async open(mirror: string, name: string): Promise<DebianSuite> {
    const home = mkdtempSync(join(tmpdir(), 'pyflight-apt-'));
    const suite = new DebianSuite(home, privateApt(home, mirror, name));
    try {
      await suite.#apt('read the package list', ['update', '--error-on=any']);
      return suite;
    } catch (error) {
      suite.close();
      throw error;
    }
  }

  /**
   * Unpacks packages into an empty directory, without running a script of theirs.
   * @throws {ArchiveError} when the suite lacks one of them
   */
  async unpack({ packages, alone }: PackageChoice, root: string): Promise<void> {
    await this.#apt('download packages', ['install', '--download-only', ...packages]);
    for (const name of alone) await this.#apt(`download ${name}`, ['download', name]);
    makeRootDirectories(root);
    for (const directory of [join(this.#home, 'cache', 'archives'), this.#home]) {
      for (const file of readdirSync(directory).filter((name) => name.endsWith('.deb'))) {
        await step(`unpack ${file}`, 'dpkg-deb', ['--extract', join(directory, file), root]);
        rmSync(join(directory, file));
      }
    }
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}

/** Makes the configuration of an apt that lives in `home` alone, and returns a way to call it. */
function privateApt(home: string, mirror: string, suite: string) {
  for (const directory of ['lists/partial', 'cache/archives/partial', 'parts']) {
    mkdirSync(join(home, directory), { recursive: true });
  }
  writeFileSync(join(home, 'status'), '');
  writeFileSync(join(home, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`);
  const settings = {
    Dir: home,
    'Dir::State': home,
    'Dir::State::Lists': join(home, 'lists'),
    'Dir::State::Status': join(home, 'status'),
    'Dir::Cache': join(home, 'cache'),
    'Dir::Etc': home,
    'Dir::Etc::SourceList': join(home, 'sources.list'),
    'Dir::Etc::SourceParts': join(home, 'parts'),
    'Dir::Etc::Parts': join(home, 'parts'),
    'Dir::Etc::PreferencesParts': join(home, 'parts'),
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'APT::Get::Assume-Yes': 'true',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '20',
    // A mirror that stands still has an old but rightly signed list, which is good enough for test targets.
    'Acquire::Check-Valid-Until': 'false',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
  writeFileSync(join(home, 'apt.conf'), lines.join(''));
  const env = { ...process.env, APT_CONFIG: join(home, 'apt.conf'), DEBIAN_FRONTEND: 'noninteractive' };
  return (what: string, args: readonly string[]) => step(what, 'apt-get', args, { cwd: home, env });
}

function makeRootDirectories(root: string): void {
  for (const name of MERGED_DIRECTORIES) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(join('usr', name), join(root, name));
  }
  mkdirSync(join(root, 'tmp'));
}

/**
 * Runs one command of the way to a root and returns its output.
 * @throws {ArchiveError} when it fails
 */
export async function step(
  what: string,
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await run(command, [...args], { ...options, maxBuffer: 64 * 2 ** 20 });
    return stdout;
  } catch (error) {
    throw new ArchiveError(`cannot ${what}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The first line in which apt says what was wrong, else what Node says. */
function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const complaint = stderr.split('\n').find((line) => /^(E|Err|dpkg-deb: error): ?/.test(line));
  if (complaint !== undefined) return complaint.replace(/^\w: /, '').trim();
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
}

/**
 * Completes `package-lock.json` after `npm install` on a machine whose registry does not hand out the packages of other
 * platforms: `npm ci` refuses a lock file that leaves out an optional package, even one that it would not install.
 * The entries tell from the names for which system, processor and C library a package is.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const SYSTEMS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync('package-lock.json', 'utf8'),
);
for (const [place, { optionalDependencies }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
    const entry = `node_modules/${name}`;
    if (lock.packages[entry] !== undefined || lock.packages[`${place}/${entry}`] !== undefined) continue;
    const words = name.replace(/^.*?\//u, '');
    lock.packages[entry] = {
      version,
      ...{ optional: true, dev: true },
      ...{ os: SYSTEMS.filter((system) => words.includes(system)) },
      ...{ cpu: PROCESSORS.filter((processor) => words.includes(processor)).slice(0, 1) },
      ...(words.includes('musl') ? { libc: ['musl'] } : words.includes('gnu') ? { libc: ['glibc'] } : {}),
    };
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, undefined, 2)}\n`);

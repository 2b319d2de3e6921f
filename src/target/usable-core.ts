import { ByteCursor } from '../base/byte-cursor.ts';
import {
  type CoreObstacle,
  InterpreterNotFoundError,
  isAboutMemory,
  MalformedInputError,
  UnusableCoreError,
} from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import type { CPythonRuntime } from '../cpython/runtime.ts';
import { type CoreFile, readCore } from '../elf/core/core-file.ts';
import type { CoreImage } from '../elf/core/core-image.ts';
import type { ElfMachine } from '../elf/elf-header.ts';
import { hostMachine } from '../platform/environment.ts';

/**
 * Opens a core file, and says why when it cannot be used.
 * @throws {UnusableCoreError} for what is no core file, or one of a machine that is not read
 */
export function readUsableCore(source: ByteSource): CoreFile {
  const core = readOrRefuse(source);
  if (isReadMachine(core.machine)) return core;
  const name = typeof core.machine === 'number' ? nameOfMachine(core.machine) : core.machine;
  const state = `it is of a process of ${name}, which cannot be read here`;
  throw new UnusableCoreError(source.name, 'architecture', state);
}

/** A core that a Python is looked for in. */
interface SearchedCore {
  readonly path: string;
  readonly core: CoreFile;
  readonly image: CoreImage;
}

/**
 * Finds the Python of a core.
 * @throws {UnusableCoreError} when there is none, with what the process ran instead, and what was tried as its cause
 */
export function requireRuntime(
  find: () => CPythonRuntime | undefined,
  { path, core, image: { modules } }: SearchedCore,
): CPythonRuntime {
  let cause: InterpreterNotFoundError | undefined;
  try {
    const found = askMemoryOf(path, core, find);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof InterpreterNotFoundError)) throw error;
    cause = error;
  }
  const lacks = core.missingBytes > 0 ? `, which lacks its last ${core.missingBytes} bytes` : '';
  const program = modules.find(({ isMainProgram }) => isMainProgram)?.path;
  const ran = program === undefined ? '' : ` (the process ran ${program})`;
  const state = `no CPython interpreter was found in it${lacks}${ran}`;
  const obstacle = core.missingBytes > 0 ? 'damaged' : 'no-python';
  throw new UnusableCoreError(path, obstacle, state, { cause });
}

/**
 * Asks something that is answered from the memory of a core.
 * @throws {UnusableCoreError} when the core lacks that memory, or it makes no sense
 */
export function askMemoryOf<Answer>(path: string, { missingBytes }: CoreFile, ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    if (error instanceof MalformedInputError)
      throw new UnusableCoreError(path, 'damaged', 'the memory of its interpreter is damaged', {
        cause: error,
      });
    const state =
      missingBytes > 0
        ? `the memory of its interpreter is not in it, as it lacks its last ${missingBytes} bytes`
        : 'the memory of its interpreter was not dumped';
    throw new UnusableCoreError(path, 'no-memory', state, { cause: error });
  }
}

function readOrRefuse(source: ByteSource): CoreFile {
  try {
    return readCore(source);
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
    throw new UnusableCoreError(source.name, ...whyUnusable(source), { cause: error });
  }
}

// Members of `e_ident` and what follows it, elf/elf.h of glibc.
const IDENTITY_BYTES = 20;
const MAGIC = 0x464c_457f;
const CLASS_32 = 1;
const BIG_ENDIAN = 2;
const TYPE_CORE = 4;
const CLASS_AT = 4;
const TYPE_AT = 16;

function whyUnusable(source: ByteSource): readonly [CoreObstacle, string] {
  if (source.sizeBytes === 0) return ['no-core', 'it is empty'];
  const start = source.read(0, Math.min(IDENTITY_BYTES, source.sizeBytes));
  if (start.length < CLASS_AT || new ByteCursor(start, source.name).u32() !== MAGIC)
    return ['no-core', 'it is no ELF file, which every core is'];
  if (start.length < IDENTITY_BYTES) return ['damaged', `only ${start.length} bytes of it are left`];
  const [elfClass, encoding] = start.subarray(CLASS_AT);
  if (elfClass === CLASS_32)
    return ['architecture', 'it is of a 32-bit process, and only 64-bit ones are read'];
  if (encoding === BIG_ENDIAN)
    return ['architecture', 'it is of a big-endian machine, and only little-endian ones are read'];
  if (new ByteCursor(start, source.name, TYPE_AT).u16() !== TYPE_CORE)
    return ['program', 'it is a program or a library, and no core'];
  return ['damaged', 'its headers are cut off or damaged'];
}

/** Layouts are those of x86-64. Of aarch64 only where we run on it, and the files of the process may be at hand. */
function isReadMachine(machine: ElfMachine): boolean {
  return machine === 'x86-64' || (machine === 'aarch64' && hostMachine() === 'arm64');
}

/** Other machines of 64 bits that CPython runs on, by `e_machine`. */
const MACHINE_NAMES: Readonly<Record<number, string>> = {
  8: 'MIPS',
  21: 'PowerPC',
  22: 's390x',
  243: 'RISC-V',
  258: 'LoongArch',
};

function nameOfMachine(machine: number): string {
  return MACHINE_NAMES[machine] ?? `the machine with number ${machine}`;
}

import { decodeOsString } from '../../base/os-string.ts';
import { StructView } from '../../base/struct-view.ts';

/** What a core says of its process as a whole. */
export interface CoreProcess {
  /** The state as ps(1) shows it: `R`, `S`, `D`, `T`, `Z`, … */
  readonly state: string;
  readonly isZombie: boolean;
  readonly niceness: number;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly session: number;
  /** The kernel's name of the main thread, cut to 15 bytes. */
  readonly name: string;
  /** Its command line joined with spaces, cut to 79 bytes; the kernel leaves a space at its end. */
  readonly commandLine: string;
}

/** `struct elf_prpsinfo` of 64-bit Linux (include/linux/elfcore.h). */
const OFFSETS = {
  state: 1,
  zombie: 2,
  niceness: 3,
  uid: 16,
  gid: 20,
  pid: 24,
  parentPid: 28,
  processGroup: 32,
  session: 36,
  name: 40,
  commandLine: 56,
} as const;
const NAME_BYTES = 16;
const COMMAND_LINE_BYTES = 80;

/** Size of the struct, which the kernel has never changed. */
export const PROCESS_INFORMATION_BYTES = 136;

/**
 * Parses an NT_PRPSINFO.
 * @throws {MalformedInputError} when it is too short
 */
export function parseProcessInformation(bytes: Uint8Array): CoreProcess {
  const view = new StructView(bytes, 'NT_PRPSINFO');
  const niceness = view.u8(OFFSETS.niceness);
  return {
    state: decodeOsString(view.slice(OFFSETS.state, 1)),
    isZombie: view.u8(OFFSETS.zombie) !== 0,
    niceness: niceness < 128 ? niceness : niceness - 256,
    uid: view.u32(OFFSETS.uid),
    gid: view.u32(OFFSETS.gid),
    pid: view.i32(OFFSETS.pid),
    parentPid: view.i32(OFFSETS.parentPid),
    processGroup: view.i32(OFFSETS.processGroup),
    session: view.i32(OFFSETS.session),
    name: textOf(view.slice(OFFSETS.name, NAME_BYTES)),
    commandLine: textOf(view.slice(OFFSETS.commandLine, COMMAND_LINE_BYTES)),
  };
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeOsString(end === -1 ? bytes : bytes.subarray(0, end));
}

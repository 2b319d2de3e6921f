import { accessSync, constants, readdirSync, type Stats, statSync } from 'node:fs';
import { posix } from 'node:path';
import { decodeOsString, encodeOsString } from '../base/os-string.ts';
import { errnoNameOf } from './errno.ts';
import { loadLibc } from './libc.ts';
import { parseSystemdCoreName, type SystemdCoreName } from './systemd-core-name.ts';

/** A core file that systemd-coredump(8) has kept. */
export interface SystemdCore extends SystemdCoreName {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isReadable: boolean;
  /** As extended attributes tell; `undefined` without the FFI, and where the file system keeps none. */
  readonly executable: string | undefined;
  readonly signal: number | undefined;
}

/** Where systemd-coredump(8) keeps cores with `Storage=external`, as it does unless told otherwise. */
export const SYSTEMD_CORE_DIRECTORY = '/var/lib/systemd/coredump';

/** Lists the cores in a directory of systemd-coredump, in no order; `undefined` where there is no such directory. */
export function listSystemdCores(directory: string): readonly SystemdCore[] | undefined {
  const names = quietly(() => readdirSync(directory));
  return names?.flatMap((fileName): readonly SystemdCore[] => {
    const known = parseSystemdCoreName(fileName);
    const path = posix.join(directory, fileName);
    const found = known === undefined ? undefined : quietly((): Stats => statSync(path));
    if (known === undefined || found?.isFile() !== true) return [];
    return [
      {
        ...known,
        path,
        sizeBytes: found.size,
        isReadable: isReadable(path),
        executable: readAttribute(path, 'user.coredump.exe'),
        signal: signalOf(readAttribute(path, 'user.coredump.signal')),
      },
    ];
  });
}

function isReadable(path: string): boolean {
  return (
    quietly(() => {
      accessSync(path, constants.R_OK);
      return true;
    }) === true
  );
}

/** The longest path that the kernel takes (PATH_MAX of limits.h); no other attribute is as long. */
const MAX_ATTRIBUTE_BYTES = 4096;

function readAttribute(path: string, name: string): string | undefined {
  const value = new Uint8Array(MAX_ATTRIBUTE_BYTES);
  const length = loadLibc()?.getExtendedAttribute(encodeOsString(path), name, value) ?? -1;
  return length <= 0 ? undefined : decodeOsString(value.subarray(0, length));
}

function signalOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,3}$/u.test(text) ? Number(text) : undefined;
}

function quietly<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (errnoNameOf(error) === undefined) throw error;
    return undefined;
  }
}

import { InspectorError, NotPermittedError } from '../base/errors.ts';
import type { AddressSpace } from '../cpython/discovery/address-space.ts';
import type { PythonProcess } from '../model/python-process.ts';
import type { PythonVersion } from '../model/python-version.ts';
import { TICKS_PER_SECOND } from '../platform/proc/stat.ts';
import {
  listProcessIds,
  processStartTime,
  readCommandLine,
  readContainer,
  readExecutablePath,
  readStat,
  readStatus,
} from '../platform/process-files.ts';
import { readUserName } from '../platform/user-name.ts';
import { openTarget } from './live-target.ts';
import { withAddressSpace } from './open-modules.ts';

/** Linux's page on x86-64; on aarch64 the kernel's default. */
const PAGE_BYTES = 4096;

/** Lists the Python processes that we can see, in ascending order of their ids. Nothing is stopped. */
export function listPythonProcesses(): readonly PythonProcess[] {
  return listProcessIds().flatMap((pid) => {
    try {
      const found = describe(pid);
      return found === undefined ? [] : [found];
    } catch (error) {
      // It ended while we looked, or it is one that we may not look at and that does not look like Python.
      if (error instanceof InspectorError) return [];
      throw error;
    }
  });
}

/**
 * Describes one process; `undefined` when it runs no Python that can be told by its files.
 * @throws {NoSuchProcessError} and what else reading it throws
 */
export function findPythonProcess(pid: number): PythonProcess | undefined {
  return describe(pid);
}

function describe(pid: number): PythonProcess | undefined {
  const stat = readStat(pid);
  if (stat.isKernelThread) return undefined;
  const commandLine = readCommandLine(pid);
  if (!runsPython(pid, commandLine)) return undefined;
  const status = readStatus(pid);
  return {
    pid,
    innerPid:
      status.namespaceIds !== undefined && status.namespaceIds.length > 1
        ? status.namespaceIds.at(-1)
        : undefined,
    version: versionOf(pid),
    user: readUserName(status.effectiveUid) ?? String(status.effectiveUid),
    uptimeSeconds: (Date.now() - processStartTime(pid).getTime()) / 1000,
    cpuSeconds: (stat.userTicks + stat.systemTicks) / TICKS_PER_SECOND,
    residentBytes: stat.residentPages * PAGE_BYTES,
    container: readContainer(pid)?.id,
    commandLine,
    executable: unlessRefused(() => readExecutablePath(pid)) ?? '',
  };
}

/** A process that we may not look into is judged by the name that it was started under. */
function runsPython(pid: number, commandLine: readonly string[]): boolean {
  const found = unlessRefused(() => withAddressSpace(pid, undefined, holdsPython));
  return found ?? PYTHON_NAME.test(commandLine[0] ?? '');
}

/** `python`, `python3.11`, `python3.13t`, `libpython2.7.so.1.0`, with any directory before it. */
const PYTHON_NAME = /(?:^|\/)(?:lib)?python(?:[23](?:\.\d+)?[a-z]*)?(?:\.so[.\d]*)?$/u;

function holdsPython({ modules }: AddressSpace): boolean {
  if (modules.some((module) => PYTHON_NAME.test(module.path))) return true;
  const program = modules.find((module) => module.isMainProgram);
  return (
    program?.findSection('.PyRuntime') !== undefined ||
    program?.findExportedSymbol('_PyRuntime') !== undefined
  );
}

function versionOf(pid: number): PythonVersion | undefined {
  try {
    using target = openTarget(pid);
    return target.runtime.version;
  } catch (error) {
    if (error instanceof InspectorError) return undefined;
    throw error;
  }
}

function unlessRefused<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotPermittedError) return undefined;
    throw error;
  }
}

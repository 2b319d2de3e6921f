import { posix } from 'node:path';
import type { StoredCore } from '../model/stored-core.ts';
import { listSystemdCores, SYSTEMD_CORE_DIRECTORY, type SystemdCore } from '../platform/systemd-cores.ts';

/**
 * Lists the cores that systemd has kept, those of Python first and the newest of them first; `undefined` where it keeps
 * none at all.
 */
export function listStoredCores(
  directory: string = SYSTEMD_CORE_DIRECTORY,
): readonly StoredCore[] | undefined {
  return listSystemdCores(directory)
    ?.map(storedCoreOf)
    .sort(
      (one, other) =>
        Number(other.isPython) - Number(one.isPython) || other.diedAt.getTime() - one.diedAt.getTime(),
    );
}

function storedCoreOf({ bootId: _, ...core }: SystemdCore): StoredCore {
  const names = [core.name, core.executable === undefined ? '' : posix.basename(core.executable)];
  return { ...core, isPython: names.some((name) => /^python/u.test(name)) };
}

import type { StoredCore } from '../model/stored-core.ts';
import { listStoredCores as list } from '../target/stored-cores.ts';

/**
 * Lists the cores that systemd-coredump(8) has kept, those of Python first and the newest first; `undefined` where
 * systemd keeps none.
 * @param directory /var/lib/systemd/coredump when left out
 */
export function listStoredCores(directory?: string): Promise<readonly StoredCore[] | undefined> {
  return Promise.resolve().then(() => list(directory));
}

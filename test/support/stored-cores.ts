import type { StoredCore } from '../../src/api/index.ts';

/** A core that systemd has kept. */
export function makeStoredCore(facts: Partial<StoredCore> = {}): StoredCore {
  return {
    path: '/var/lib/systemd/coredump/core.python3.1000.1827.5010.1717652311000000.zst',
    pid: 5010,
    uid: 1000,
    name: 'python3',
    executable: '/usr/bin/python3.12',
    signal: 11,
    diedAt: new Date('2024-06-06T05:38:31.250Z'),
    sizeBytes: 1_500_000,
    isReadable: true,
    isPython: true,
    ...facts,
  };
}

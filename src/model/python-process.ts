import type { PythonVersion } from './python-version.ts';

/** A process that runs a CPython, as a list of processes shows it. */
export interface PythonProcess {
  /** In the pid namespace that we run in. */
  readonly pid: number;
  /** Its pid in its own namespace, when that is another one. */
  readonly innerPid: number | undefined;
  /** `undefined` when it could not be read, as for a process of another user. */
  readonly version: PythonVersion | undefined;
  /** Name of the owner, or the uid where it has none here. */
  readonly user: string;
  readonly uptimeSeconds: number;
  /** User and system time of all its threads since it began. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Id of the container that it runs in; `undefined` outside of one. */
  readonly container: string | undefined;
  readonly commandLine: readonly string[];
  readonly executable: string;
}

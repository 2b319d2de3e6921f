import type { PythonProcess } from '../model/python-process.ts';
import { findPythonProcess as find, listPythonProcesses as list } from '../target/python-processes.ts';

/** Lists the Python processes of this machine that we can see, in ascending order of their ids. */
export function listPythonProcesses(): Promise<readonly PythonProcess[]> {
  return Promise.resolve().then(list);
}

/** Describes one process; `undefined` when it runs no Python that can be told by its files. */
export function findPythonProcess(pid: number): Promise<PythonProcess | undefined> {
  return Promise.resolve().then(() => find(pid));
}

import type { PythonProcess } from '../model/python-process.ts';
import { listPythonProcesses as list } from '../target/python-processes.ts';

/** Lists the Python processes of this machine that we can see, in ascending order of their ids. */
export function listPythonProcesses(): Promise<readonly PythonProcess[]> {
  return Promise.resolve().then(list);
}

/** Pauses and resumes the process of the first argument until it is killed, and says so by a dot each time. */
import { writeSync } from 'node:fs';
import { pauseProcess } from '../../src/platform/process-pause.ts';

const pid = Number(process.argv[2]);
for (;;) {
  using pause = pauseProcess(pid);
  if (pause.threadIds.length > 0) writeSync(1, '.');
}

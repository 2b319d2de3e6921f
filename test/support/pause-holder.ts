/**
 * Stops the process of the first argument at a moment when it is about to be given one of 100 queued signals, says so
 * by a dot, and holds it until we are killed.
 */
import { writeSync } from 'node:fs';
import { pauseProcess } from '../../src/platform/process-pause.ts';

const pid = Number(process.argv[2]);
const signal = Number(process.argv[3]);
const first = pauseProcess(pid);
for (let count = 0; count < 100; count += 1) process.kill(pid, signal);
first.resume();
using pause = pauseProcess(pid);
if (pause.threadIds.length > 0) writeSync(1, '.');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

import { setTimeout } from 'node:timers/promises';
import { InspectorError } from '../base/errors.ts';
import { isEndedState } from './proc/stat.ts';
import { readStat } from './process-files.ts';

const LOOK_EVERY_MS = 5;

/** Tells whether a process has ended, or does so within some time. */
export async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    if (isOver(pid)) return true;
    if (waited >= withinMs) return false;
    await setTimeout(LOOK_EVERY_MS);
  }
}

function isOver(pid: number): boolean {
  try {
    return isEndedState(readStat(pid).state);
  } catch (error) {
    if (error instanceof InspectorError) return true;
    throw error;
  }
}

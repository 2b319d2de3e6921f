import { closeSync, constants, fstatSync } from 'node:fs';
import { FileSource, O_PATH, readThrough, tryOpen } from './file-source.ts';
import { processStartTime, readStatus } from './process-files.ts';
import { openInTargetRoot } from './rooted-path.ts';

/** Of a larger map the end is read, which holds against what comes before it: some 500,000 pieces of code. */
const MAX_BYTES = 32 * 1024 * 1024;

const NEWLINE = 0x0a;

/** A process starts at a time that is known to some 20 ms. */
const CLOCK_SLACK_MS = 1000;

/**
 * Reads `/tmp/perf-PID.map` in the target's root and with the id that it has itself, which a just-in-time compiler
 * writes for perf. Everybody may write to /tmp: a map that is not the target's own user's or root's, a symbolic link, and
 * one that was last written before the process began are none. `undefined` when there is none.
 */
export function readPerfMapFile(pid: number): Uint8Array | undefined {
  const { namespaceIds, effectiveUid } = readStatus(pid);
  const owners = new Set([effectiveUid, 0]);
  const name = `/tmp/perf-${namespaceIds?.at(-1) ?? pid}.map`;
  const handle = openWithoutLink(pid, name);
  if (handle === undefined) return undefined;
  return readThrough(handle, (fd) => {
    using file = new FileSource(fd, name);
    const isStale = file.modifiedAt.getTime() + CLOCK_SLACK_MS < processStartTime(pid).getTime();
    return isStale || !owners.has(fstatSync(fd).uid) ? undefined : readEnd(file);
  });
}

function openWithoutLink(pid: number, path: string): number | undefined {
  const slash = path.lastIndexOf('/');
  const directory = openInTargetRoot(pid, path.slice(0, slash));
  if (directory === undefined) return undefined;
  try {
    return tryOpen(`/proc/self/fd/${directory}/${path.slice(slash + 1)}`, O_PATH | constants.O_NOFOLLOW);
  } finally {
    closeSync(directory);
  }
}

function readEnd(file: FileSource): Uint8Array {
  const offset = Math.max(0, file.sizeBytes - MAX_BYTES);
  const bytes = file.read(offset, file.sizeBytes - offset);
  // Half a line may look like a whole one with another address.
  return offset === 0 ? bytes : bytes.subarray(bytes.indexOf(NEWLINE) + 1);
}

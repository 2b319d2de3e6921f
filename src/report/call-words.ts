import { escapeForTerminal } from '../base/escaping.ts';
import { formatSeconds } from '../base/quantities.ts';
import type { OpenFile } from '../model/open-file.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import type { SystemCallWait } from '../model/thread-wait.ts';

/** Files that are named; more are counted. */
const MOST_FILES = 3;

/** A system call that waits, in words: `accept on socket 5, listening at 127.0.0.1:8080`. */
export function callWords(wait: SystemCallWait, activity: ThreadActivity): string {
  const number = activity.state === 'blocked' ? `system call ${activity.syscall}` : 'a system call';
  const parts = [filesWords(wait.files), childWords(wait), timeWords(wait)].filter((part) => part !== '');
  return [wait.name ?? number, ...parts].join(' ');
}

function filesWords(files: readonly OpenFile[]): string {
  if (files.length === 0) return '';
  const named = files.slice(0, MOST_FILES).map(fileWords);
  const more = files.length > MOST_FILES ? [`${files.length - MOST_FILES} more`] : [];
  return `on ${[...named, ...more].join('; ')}`;
}

function fileWords(file: OpenFile): string {
  switch (file.kind) {
    case 'file':
      return `${escapeForTerminal(file.path)} (fd ${file.fd})`;
    case 'pipe':
      return `pipe ${file.fd}`;
    case 'other':
      return `${escapeForTerminal(file.name)} ${file.fd}`;
    case 'unknown':
      return `fd ${file.fd}`;
    case 'socket':
      return socketWords(file);
    default:
      return file satisfies never;
  }
}

function socketWords({
  fd,
  protocol,
  local,
  peer,
  isListening,
}: Extract<OpenFile, { kind: 'socket' }>): string {
  const place = local === undefined ? '' : escapeForTerminal(local);
  const kind = protocol === undefined ? '' : `${protocol} `;
  if (isListening) return `${kind}socket ${fd}, listening at ${place}`;
  if (peer !== undefined) return `${kind}socket ${fd}, ${place} to ${escapeForTerminal(peer)}`;
  return place === '' ? `${kind}socket ${fd}` : `${kind}socket ${fd}, ${place}`;
}

function childWords({ child }: SystemCallWait): string {
  if (child === undefined) return '';
  if (child === 'any') return 'for any child process';
  const name = child.name === undefined ? '' : ` (${escapeForTerminal(child.name)})`;
  return `for child process ${child.pid}${name}`;
}

function timeWords({ lastsSeconds, remainingSeconds }: SystemCallWait): string {
  if (remainingSeconds !== undefined) return `for another ${formatSeconds(remainingSeconds)}`;
  return lastsSeconds === undefined ? '' : `for ${formatSeconds(lastsSeconds)} at most`;
}

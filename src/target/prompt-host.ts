/** What a prompt does with the machine itself. Apart from `host.ts`: the types of the library know no streams of Node.js. */
export { listEntries } from '../platform/directory-entries.ts';
export { readStateEnvironment } from '../platform/environment.ts';
export { type HistoryFile, openHistoryFile } from '../platform/history-file.ts';
export { loadLibc } from '../platform/libc.ts';
export { type ShellPipe, startShell } from '../platform/shell-pipe.ts';
export { openTerminal, type Terminal } from '../platform/terminal.ts';

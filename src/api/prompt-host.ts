import { type HistoryFile, loadLibc, openHistoryFile, readStateEnvironment } from '../target/prompt-host.ts';

// Of the command line, and no part of the library: a program has its own terminal.
export {
  type HistoryFile,
  listEntries,
  openTerminal,
  type ShellPipe,
  startShell,
  type Terminal,
} from '../target/prompt-host.ts';

/** Opens the lines that the user typed at prompts. */
export function openHistory(): HistoryFile {
  return openHistoryFile(readStateEnvironment());
}

/** Tells whether processes can be stopped for a look, which takes the optional package koffi. */
export function canPause(): boolean {
  return loadLibc() !== undefined;
}

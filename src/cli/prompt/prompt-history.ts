import type { HistoryFile } from '../../api/prompt-host.ts';

/** The lines that were typed at this prompt and before it, kept in the user's file as they come. */
export class PromptHistory {
  readonly #file: HistoryFile;
  readonly #lines: string[];

  constructor(file: HistoryFile) {
    this.#file = file;
    this.#lines = [...file.read()];
  }

  /** All of them, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Keeps a line, unless it repeats the one before or begins with a blank, which keeps it out as in a shell. */
  add(line: string): void {
    const kept = line.trimEnd();
    if (kept === '' || kept.startsWith(' ') || kept === this.#lines.at(-1)) return;
    this.#lines.push(kept);
    this.#file.append(kept);
  }
}

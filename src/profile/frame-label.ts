import { escapeForTerminal } from '../base/escaping.ts';
import { shortFileName } from '../base/short-file-name.ts';
import { libraryName } from './frame-origin.ts';
import type { Profile, ProfileFrame } from './profile.ts';

/** How the frames of a profile are called. */
export class FrameLabels {
  readonly #searchPath: readonly string[];
  readonly #shortNames = new Map<string, string>();
  readonly #areWhole: boolean;

  constructor({ processes, hasWholeFileNames = false }: Pick<Profile, 'processes' | 'hasWholeFileNames'>) {
    this.#areWhole = hasWholeFileNames;
    this.#searchPath = [...new Set(processes.flatMap(({ searchPath }) => searchPath))];
  }

  /** The name of a file as it is shown: whole if that is wished. */
  file(frame: ProfileFrame): string {
    return this.#areWhole ? frame.file : this.shortFile(frame);
  }

  /** Shortens the name of a file to what follows an entry of `sys.path` or the place of packages, that of a library of C to its last part. */
  shortFile({ kind, file }: ProfileFrame): string {
    if (kind === 'native') return file.slice(file.lastIndexOf('/') + 1);
    const known = this.#shortNames.get(file);
    if (known !== undefined) return known;
    const found = shortFileName(file, this.#searchPath);
    const short = found === file ? (libraryName(file) ?? file) : found;
    this.#shortNames.set(file, short);
    return short;
  }

  /** The name of a frame, without what a terminal would obey. */
  name({ name }: ProfileFrame): string {
    return escapeForTerminal(name);
  }

  /** The whole name of its file, likewise. */
  path({ file }: ProfileFrame): string {
    return escapeForTerminal(file);
  }

  /** `app.py:12`; '' where there is no file, and `app.py` where there is no line. */
  place(frame: ProfileFrame): string {
    const line = frame.line > 0 ? frame.line : frame.firstLine;
    const file = escapeForTerminal(this.file(frame));
    return line > 0 ? `${file}:${line}` : file;
  }

  /** `handle (app.py:12)`, as py-spy has it. */
  label(frame: ProfileFrame): string {
    const place = this.place(frame);
    return place === '' ? this.name(frame) : `${this.name(frame)} (${place})`;
  }

  /** `shop.views` of `shop/views.py`, `shop` of `shop/__init__.py`; '' of what is not written in Python. */
  module(frame: ProfileFrame): string {
    if (frame.kind !== 'python') return '';
    const frozen = /^<frozen (.+)>$/.exec(frame.file)?.[1];
    const path = this.shortFile(frame)
      .replace(/\.py$/, '')
      .replace(/\/__init__$/, '');
    return frozen ?? path.replace(/^\/+/, '').replaceAll('/', '.');
  }
}

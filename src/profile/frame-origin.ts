import type { ProfileFrame } from './profile.ts';

/** Whose code a frame is. */
export type FrameOrigin = 'own' | 'package' | 'standard' | 'native' | 'other';

/** Where pip, and where Debian, put packages. */
const PACKAGES = /(?:^|\/)(?:site|dist)-packages\//;
/** `/usr/lib/python3.11/json/decoder.py`, `/usr/lib/python311.zip/os.py`. */
const LIBRARY = /(?:^|\/)lib(?:64)?\/(?:python|pypy)[\d.]*t?(?:\.zip)?\//;

/** What follows the place where packages, or Python's library, are; `undefined` of other files. */
export function libraryName(file: string): string | undefined {
  const place = PACKAGES.exec(file) ?? LIBRARY.exec(file);
  return place === null ? undefined : file.slice(place.index + place[0].length);
}

/** Tells whose code a frame is: of the program, a package, Python's library, C, or none of these. */
export function originOf({ kind, file }: ProfileFrame): FrameOrigin {
  if (kind === 'native') return 'native';
  if (kind !== 'python') return 'other';
  if (PACKAGES.test(file)) return 'package';
  return LIBRARY.test(file) || file.startsWith('<frozen ') ? 'standard' : 'own';
}

import { isAboutMemory } from '../../base/errors.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import type { CodePlace } from '../../model/thread-wait.ts';
import type { Target } from '../../target/target.ts';

/** Files of the library whose functions wait on behalf of others, as their paths end. */
const LIBRARY_FILES =
  /(?:^|[/])(?:threading|queue|Queue)\.pyc?$|(?:concurrent[/]futures|multiprocessing)[/]\w+\.pyc?$|^<frozen importlib\._bootstrap>$|importlib[/]_bootstrap\.pyc?$/u;

/** Tells where a thread's own program stands: its innermost call that is none of the library's, else the innermost. */
export function placeOfProgram(target: Target, frames: readonly RawFrame[]): CodePlace | undefined {
  const places = frames.flatMap((frame) => placeOf(target, frame) ?? []);
  return places.find(({ filename }) => !LIBRARY_FILES.test(filename)) ?? places[0];
}

/** Tells where an instruction of a frame's code is. */
export function placeAt(
  target: Target,
  { code }: RawFrame,
  instructionOffset: number,
): CodePlace | undefined {
  if (code === undefined) return undefined;
  return readIfKnown(() => {
    const { filename, name, qualifiedName = name } = target.codeObjects.factsOf(code);
    const line = target.codeObjects.positionAt(code, instructionOffset)?.line;
    return { filename, name: qualifiedName, line };
  });
}

function placeOf(target: Target, frame: RawFrame): CodePlace | undefined {
  const { code } = frame;
  if (code === undefined) return undefined;
  return readIfKnown(() => {
    const offset = target.codeObjects.offsetOf(frame, code);
    return offset === undefined ? undefined : placeAt(target, frame, offset);
  });
}

function readIfKnown<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}

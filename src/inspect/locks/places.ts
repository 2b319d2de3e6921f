import { readIfSound } from '../../base/read-if-sound.ts';
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

const ASYNCIO_FILES = /(?:^|[/])asyncio[/]\w+\.pyc?$/u;

/** Tells where the program of a task stands: its innermost call that is none of asyncio's, else the innermost. */
export function placeOfTask(target: Target, frames: readonly RawFrame[]): CodePlace | undefined {
  for (const frame of frames) {
    const place = placeOf(target, frame);
    if (place !== undefined && !ASYNCIO_FILES.test(place.filename)) return place;
  }
  const [innermost] = frames;
  return innermost && placeOf(target, innermost);
}

/** The outermost of the innermost calls that are asyncio's: the one that the program of a task has made. */
export function callOfAsyncio(target: Target, frames: readonly RawFrame[]): string | undefined {
  let call: string | undefined;
  for (const { code } of frames) {
    const facts = code === undefined ? undefined : readIfSound(() => target.codeObjects.factsOf(code));
    if (facts === undefined || !ASYNCIO_FILES.test(facts.filename)) return call;
    call = facts.qualifiedName ?? facts.name;
  }
  return call;
}

/** Tells where an instruction of a frame's code is. */
export function placeAt(
  target: Target,
  { code }: RawFrame,
  instructionOffset: number,
): CodePlace | undefined {
  if (code === undefined) return undefined;
  return readIfSound(() => {
    const { filename, name, qualifiedName = name } = target.codeObjects.factsOf(code);
    const line = target.codeObjects.positionAt(code, instructionOffset)?.line;
    return { filename, name: qualifiedName, line };
  });
}

function placeOf(target: Target, frame: RawFrame): CodePlace | undefined {
  const { code } = frame;
  if (code === undefined) return undefined;
  return readIfSound(() => {
    const offset = target.codeObjects.offsetOf(frame, code);
    return offset === undefined ? undefined : placeAt(target, frame, offset);
  });
}

import type { CoreInspection } from '../../api/index.ts';
import type { CoreFacts } from '../../model/core-signal.ts';
import { decompressionLine } from '../../report/decompression-line.ts';
import type { Context } from '../context.ts';
import type { NativeMode } from '../native-modes.ts';
import type { CoreChoice } from '../target-choice.ts';

/** What is to be read of a core. */
interface CoreOpening {
  readonly onFacts?: (facts: CoreFacts) => void;
  readonly exhaustive: boolean;
  readonly native: NativeMode | undefined;
}

/** Opens a core; while it is decompressed, a terminal shows how far it has come, and Ctrl-C ends it. */
export async function openChosenCore(
  { path, executable, libraryPath, libraryRoot }: CoreChoice,
  { exhaustive, native, onFacts }: CoreOpening,
  { api, status, onInterrupt }: Context,
): Promise<CoreInspection> {
  const signal = { aborted: false };
  const forget = onInterrupt(() => {
    signal.aborted = true;
  });
  let isShown = false;
  try {
    return await api.openCore(path, {
      exhaustive,
      native: native !== undefined,
      ...(executable === undefined ? {} : { executable }),
      ...(libraryRoot === undefined ? {} : { libraryRoot }),
      ...(libraryPath === undefined ? {} : { libraryPath }),
      ...(onFacts === undefined ? {} : { onFacts }),
      signal,
      onProgress: (progress) => {
        isShown = true;
        status?.show(decompressionLine(progress, status.columns));
      },
    });
  } finally {
    forget();
    if (isShown) status?.show('');
  }
}

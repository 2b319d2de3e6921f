import type { OptionSpecs } from '../command.ts';
import { type JsonMode, jsonOption } from '../json-output.ts';
import { PUSH_OPTIONS, type PushWords, pushWishOf } from './push-options.ts';
import type { RecordingWish } from './recording.ts';
import { SAMPLING_OPTIONS, type SamplingWords, samplingOptionsOf } from './sampling-options.ts';
import { SERVE_OPTIONS, type ServeWords, servePortOf } from './serve-options.ts';
import { profileViewOf, VIEW_OPTIONS, type ViewWords } from './view-options.ts';

/** The options of commands that record a profile, but for those about its file. */
export const RECORDING_OPTIONS = {
  ...SAMPLING_OPTIONS,
  ...VIEW_OPTIONS,
  ...PUSH_OPTIONS,
  ...SERVE_OPTIONS,
  json: jsonOption('profile'),
} as const satisfies OptionSpecs;

/** What was typed of {@link RECORDING_OPTIONS}. */
interface RecordingWords extends SamplingWords, ViewWords, PushWords, ServeWords {
  readonly baseline: string | undefined;
  readonly json: JsonMode | undefined;
}

/** What the command line says about a recording, but for the process and the file. */
export function recordingWishOf(
  words: RecordingWords,
): Pick<RecordingWish, 'options' | 'view' | 'push' | 'servePort' | 'baseline' | 'json'> {
  const { baseline, json } = words;
  return {
    options: samplingOptionsOf(words),
    view: profileViewOf(words),
    push: pushWishOf(words),
    servePort: servePortOf(words),
    baseline,
    json,
  };
}

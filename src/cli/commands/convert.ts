import { profileToJson } from '../../report/profile-json.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';
import {
  baselineOf,
  OUTPUT_OPTIONS,
  openOutput,
  tellWritten,
  USUAL_FILE,
  writeParts,
} from '../profiling/profile-output.ts';
import { profileViewOf, VIEW_OPTIONS } from '../profiling/view-options.ts';
import { PRODUCER } from '../version.ts';

/** `pyflight convert hours.pyflight -f hours.html`: a profile in another format. */
export const convert = defineCommand({
  name: 'convert',
  summary: 'Write a recorded profile in another format',
  arguments: {
    profile: { kind: 'word', completes: 'file', help: 'A `.pyflight` file, as perf -f writes it' },
  },
  options: {
    ...OUTPUT_OPTIONS,
    ...VIEW_OPTIONS,
    json: jsonOption('profile'),
  },
  examples: [
    ['convert hour.pyflight -f hour.html', 'a page to look into'],
    ['convert after.pyflight --baseline before.pyflight -f diff.svg', 'what grew, and what shrank'],
    ['convert hour.pyflight -f - --format markdown', 'a report to read'],
  ],

  async run({ profile: path, filepath: file = USUAL_FILE, format, json, baseline, ...words }, context) {
    const view = profileViewOf(words);
    const { findFormat, profileParts, readProfile } = await context.api.profiles();
    const writer = findFormat(format ?? file);
    const { profile, isCutOff } = readProfile(path);
    const options = { producer: PRODUCER, ...(await baselineOf(baseline, view, writer, context)) };
    using output = await openOutput(file, context);
    writeParts(profileParts(profile, view, writer, options), output, context);
    if (isCutOff) context.note('warning: the file is cut off; what is there was written');
    tellWritten(file, context);
    if (json !== undefined)
      context.out(
        jsonText(profileToJson(profile, { file }), { command: 'convert', level: 'L0' }, json, context),
      );
    return isCutOff ? 'partial' : 'complete';
  },
});

import { escapeForTerminal } from '../../base/escaping.ts';
import { profileToJson } from '../../report/profile-json.ts';
import { defineCommand } from '../command.ts';
import { jsonOption, jsonText } from '../json-output.ts';
import { profileViewOf, VIEW_OPTIONS } from '../profile-options.ts';
import { writeParts } from '../profile-run.ts';
import { PRODUCER } from '../version.ts';

/** `pyflight convert hours.pyflight -f hours.html`: a profile in another format. */
export const convert = defineCommand({
  name: 'convert',
  summary: 'Write a recorded profile in another format',
  arguments: {
    profile: { kind: 'word', completes: 'file', help: 'A `.pyflight` file, as perf -f writes it' },
  },
  options: {
    filepath: {
      kind: 'text',
      short: 'f',
      valueName: 'file',
      completes: 'file',
      help: 'Where to write it (flamegraph.svg); - is standard output',
    },
    format: { kind: 'text', valueName: 'name', help: 'Another format than that of the ending of the file' },
    ...VIEW_OPTIONS,
    json: jsonOption('profile'),
  },
  examples: [
    ['convert hour.pyflight -f hour.html', 'a page to look into'],
    ['convert after.pyflight --baseline before.pyflight -f diff.svg', 'what grew, and what shrank'],
    ['convert hour.pyflight -f - --format markdown', 'a report to read'],
  ],

  async run({ profile: path, filepath: file = 'flamegraph.svg', format, json, baseline, ...words }, context) {
    const { api } = context;
    const view = profileViewOf(words);
    const { findFormat, readProfile, viewProfile } = await api.profiles();
    const writer = findFormat(format ?? file);
    const { profile, isCutOff } = readProfile(path);
    const before = baseline === undefined ? undefined : readProfile(baseline).profile;
    using output = file === '-' ? undefined : await api.openOutputFile(file);
    const options = {
      producer: PRODUCER,
      ...(before === undefined ? {} : { baseline: viewProfile(before, view) }),
    };
    writeParts(writer.write(viewProfile(profile, view, writer), options), output, context);
    if (isCutOff) context.note('warning: the file is cut off; what is there was written');
    if (file !== '-') context.note(`written to ${escapeForTerminal(file)}`);
    if (json !== undefined)
      context.out(jsonText(profileToJson(profile, file), { command: 'convert', level: 'L0' }, json, context));
    return isCutOff ? 'partial' : 'complete';
  },
});

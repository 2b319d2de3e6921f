import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';
import { profileViewOf, SAMPLING_OPTIONS, samplingOptionsOf, VIEW_OPTIONS } from '../profile-options.ts';
import { recordProfile } from '../profile-run.ts';
import { PUSH_OPTIONS, pushWishOf } from '../push-options.ts';
import { SERVE_OPTIONS, servePortOf } from '../serve-options.ts';

/** `pyflight perf <pid>`: where a process spends its time, as a flame graph. */
export const perf = defineCommand({
  name: 'perf',
  summary: 'Sample a process and write a flame graph, or another format, of where its time goes',
  level: 'L0',
  arguments: { pid: { kind: 'pid', help: 'Process to sample' } },
  options: {
    filepath: {
      kind: 'text',
      short: 'f',
      valueName: 'file',
      completes: 'file',
      help: 'Where to write it (flamegraph.svg); - is standard output',
    },
    format: { kind: 'text', valueName: 'name', help: 'Another format than that of the ending of the file' },
    ...SAMPLING_OPTIONS,
    ...VIEW_OPTIONS,
    ...PUSH_OPTIONS,
    ...SERVE_OPTIONS,
    json: jsonOption('profile'),
  },
  examples: [
    ['perf 4242 -d 30', 'flamegraph.svg of 30 seconds on the CPU'],
    ['perf 4242 -d 30 --idle -f waits.html', 'where it waits, as a page to look into'],
    ['perf 4242 -r 1000 -d 10 -f hot.pb.gz', 'for go tool pprof'],
    ['perf 4242 --serve -f hour.html', 'a page to look at meanwhile, and the whole at the end'],
    ['perf 4242 --push http://pyroscope:4040 --push-label env=prod', 'for Grafana, until Control-C'],
    ['perf 4242 -d 5 -f - --format collapsed | sort -k2 -n', 'a line for each stack'],
  ],

  async run({ pid, filepath, format, json, baseline, ...words }, context) {
    const [options, view, push] = [samplingOptionsOf(words), profileViewOf(words), pushWishOf(words)];
    const file = filepath ?? (push === undefined ? 'flamegraph.svg' : undefined);
    const servePort = servePortOf(words);
    const wish = { command: 'perf', pid, options, view, file, format, json, baseline, push, servePort };
    return await recordProfile(wish, context);
  },
});

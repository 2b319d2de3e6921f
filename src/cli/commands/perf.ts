import { defineCommand } from '../command.ts';
import { OUTPUT_OPTIONS, USUAL_FILE } from '../profiling/profile-output.ts';
import { recordProfile } from '../profiling/recording.ts';
import { RECORDING_OPTIONS, recordingWishOf } from '../profiling/recording-options.ts';

/** `pyflight perf <pid>`: where a process spends its time, as a flame graph. */
export const perf = defineCommand({
  name: 'perf',
  summary: 'Sample a process and write a flame graph, or another format, of where its time goes',
  level: 'L0',
  arguments: { pid: { kind: 'pid', help: 'Process to sample' } },
  options: {
    ...OUTPUT_OPTIONS,
    ...RECORDING_OPTIONS,
  },
  examples: [
    ['perf 4242 -d 30', 'flamegraph.svg of 30 seconds on the CPU'],
    ['perf 4242 -d 30 --idle -f waits.html', 'where it waits, as a page to look into'],
    ['perf 4242 -r 1000 -d 10 -f hot.pb.gz', 'for go tool pprof'],
    ['perf 4242 --serve -f hour.html', 'a page to look at meanwhile, and the whole at the end'],
    ['perf 4242 --push http://pyroscope:4040 --push-label env=prod', 'for Grafana, until Control-C'],
    ['perf 4242 -d 5 -f - --format collapsed | sort -k2 -n', 'a line for each stack'],
  ],

  async run({ pid, filepath, format, ...words }, context) {
    const recording = recordingWishOf(words);
    const file = filepath ?? (recording.push === undefined ? USUAL_FILE : undefined);
    return await recordProfile({ ...recording, command: 'perf', pid, file, format }, context);
  },
});

import { randomUUID } from 'node:crypto';
import type { Profile } from '../profile/profile.ts';
import { pprofBytes } from './pprof.ts';
import { type ProfileSeries, seriesName } from './profile-series.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers of api/push/v1/push.proto and api/types/v1/types.proto of github.com/grafana/pyroscope. */
const PUSH_REQUEST = { series: 1 } as const;
const RAW_PROFILE_SERIES = { labels: 1, samples: 2 } as const;
const LABEL_PAIR = { name: 1, value: 2 } as const;
const RAW_SAMPLE = { rawProfile: 1, id: 2 } as const;

/** The message `PushRequest` of Pyroscope with one profile, as pprof. Threads are no labels: each would be a series of its own. */
export function pyroscopePush(
  profile: Profile,
  { producer, service, host, labels }: ProfileSeries,
): Uint8Array {
  const pairs = new Map([
    ['__name__', seriesName(profile.account.mode)],
    ['service_name', service],
    ['hostname', host],
    ...labels,
  ]);
  return new ProtobufWriter().message(PUSH_REQUEST.series, (series) => {
    for (const [name, value] of pairs)
      series.message(RAW_PROFILE_SERIES.labels, (label) => {
        label.text(LABEL_PAIR.name, name).text(LABEL_PAIR.value, value);
      });
    series.message(RAW_PROFILE_SERIES.samples, (sample) => {
      sample.bytesOf(RAW_SAMPLE.rawProfile, pprofBytes(profile, { producer }, false));
      sample.text(RAW_SAMPLE.id, randomUUID());
    });
  }).bytes;
}

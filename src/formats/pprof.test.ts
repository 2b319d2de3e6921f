import { gunzipSync } from 'node:zlib';
import { Profile as PprofProfile } from 'pprof-format';
import { expect, test } from 'vitest';
import { LOOK_NS, makeProfile, SHOP_PROFILE } from '../../test/support/profiles.ts';
import { pprof } from './pprof.ts';

function decoded(profile = SHOP_PROFILE): PprofProfile {
  const [bytes] = pprof.write(profile, { producer: 'pyflight 0.1.0' });
  if (typeof bytes !== 'object') throw new TypeError('Cannot decode a profile: it is text');
  return PprofProfile.decode(gunzipSync(bytes));
}

/** `view:31 < serve:10 [40,400000000] thread=MainThread tid=5010 pid=5010`, the innermost call first. */
function sampleLines({ sample, location, function: functions, stringTable: { strings } }: PprofProfile) {
  const text = (index: number | bigint): string => strings[Number(index)] ?? '?';
  return sample.map(({ locationId, value, label }) => {
    const calls = locationId.map((id) => {
      const line = location.find((each) => each.id === id)?.line[0];
      return `${text(functions.find((each) => each.id === line?.functionId)?.name ?? 0)}:${line?.line}`;
    });
    const labels = label.map(({ key, str, num }) => `${text(key)}=${text(str) || num}`);
    return `${calls.join(' < ')} [${value.join()}] ${labels.join(' ')}`;
  });
}

test('pprof has a sample for each stack of each thread, the innermost call first', () => {
  expect(sampleLines(decoded())).toEqual([
    `view:30 < serve:10 < <module>:1 [20,${20 * LOOK_NS}] thread=MainThread tid=5010 pid=5010`,
    `render:7 < view:31 < serve:10 < <module>:1 [40,${40 * LOOK_NS}] thread=MainThread tid=5010 pid=5010`,
    `qsort:0 < loads:9 < view:31 < serve:10 < <module>:1 [25,${25 * LOOK_NS}] thread=MainThread tid=5010 pid=5010`,
    `<GC>:0 < serve:11 < <module>:1 [5,${5 * LOOK_NS}] thread=MainThread tid=5010 pid=5010`,
    String.raw`line\nbreak:1 < évaluer<a & "b">:2 < <module>:1 [10,${10 * LOOK_NS}] thread=MainThread tid=5010 pid=5010`,
    `wait:4 < run:5 [90,${90 * LOOK_NS}] thread=worker <1> tid=5011 pid=5010`,
    `work:4 < run:5 [10,${10 * LOOK_NS}] thread=worker <1> tid=5011 pid=5010`,
  ]);
});

test('pprof says when, how long, and how it was sampled', () => {
  const { timeNanos, durationNanos, period, comment, sampleType, mapping, stringTable } = decoded();
  const text = (index: number | bigint): string | undefined => stringTable.strings[Number(index)];
  expect(timeNanos).toBe(1_772_366_400_000_000_000n);
  expect([durationNanos, period].map(Number)).toEqual([1e9, 1e7]);
  expect(sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`)).toEqual([
    'samples/count',
    'wall/nanoseconds',
  ]);
  expect(text(mapping[0]?.filename ?? 0)).toBe('python3');
  expect(text(comment[0] ?? 0)).toBe('pyflight 0.1.0');
});

test('pprof of nothing is a profile', () => {
  expect(decoded(makeProfile([])).sample).toEqual([]);
});

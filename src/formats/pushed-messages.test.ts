import { expect, test } from 'vitest';
import { readOtlpProfiles, readPyroscopePush } from '../../test/support/profile-messages.ts';
import { LOOK_NS, makeAccount, makeProfile, SHOP_PROFILE } from '../../test/support/profiles.ts';
import { otlpProfiles } from './otlp-profiles.ts';
import { pyroscopePush } from './pyroscope-push.ts';

const SERIES = {
  producer: 'pyflight 0.1.0',
  service: 'shop',
  host: 'web-1',
  labels: new Map([['env', 'prod']]),
};

const LOOKS = [
  { stack: 'main;work', looks: 3 },
  { stack: 'main;work', looks: 4, thread: 1 },
  { stack: 'main;[qsort@libc.so.6]', looks: 2 },
  { stack: 'main', looks: 1 },
];
const CPU = makeProfile(LOOKS, { account: makeAccount({ mode: 'cpu', samples: 10 }) });
const WAIT = makeProfile(LOOKS, { account: makeAccount({ mode: 'gil-wait', samples: 10 }) });

test('pyroscopePush() is a series of one profile of all threads, under the labels that Pyroscope files it by', () => {
  const sent = readPyroscopePush(pyroscopePush(CPU, SERIES));
  expect(sent).toMatchObject({
    labels: { __name__: 'process_cpu', service_name: 'shop', hostname: 'web-1', env: 'prod' },
    types: ['samples/count', 'cpu/nanoseconds'],
    period: '10000000 cpu/nanoseconds',
    startedAtMs: Date.UTC(2026, 2, 1, 12),
    durationNs: 1e9,
  });
  expect([...sent.stacks]).toEqual([
    ['main', [1, LOOK_NS]],
    ['main;work', [7, 7 * LOOK_NS]],
    ['main;qsort', [2, 2 * LOOK_NS]],
  ]);
  expect(sent.places).toContain('work /srv/shop/app.py:1');
});

test('otlpProfiles() has CPU time as looks with a period, as receivers know it', () => {
  const sent = readOtlpProfiles(otlpProfiles(CPU, SERIES));
  expect(sent).toMatchObject({
    labels: {
      'service.name': 'shop',
      'host.name': 'web-1',
      'process.pid': 5010,
      'process.runtime.name': 'cpython',
      env: 'prod',
    },
    types: ['samples/count'],
    period: '10000000 cpu/nanoseconds',
    startedAtMs: Date.UTC(2026, 2, 1, 12),
    durationNs: 1e9,
  });
  expect([...sent.stacks]).toEqual([
    ['main', [1]],
    ['main;work', [7]],
    ['main;qsort', [2]],
  ]);
  expect(sent.places).toContain('work /srv/shop/app.py:1');
});

test('otlpProfiles() and pyroscopePush() have other modes as time under their names', () => {
  const otlp = readOtlpProfiles(otlpProfiles(WAIT, SERIES));
  expect([otlp.types, otlp.period]).toEqual([['gil_wait/nanoseconds'], '10000000 gil_wait/nanoseconds']);
  expect(otlp.stacks.get('main;work')).toEqual([7 * LOOK_NS]);
  expect(readPyroscopePush(pyroscopePush(WAIT, SERIES)).labels).toMatchObject({ __name__: 'gil_wait' });
});

test('a label may stand in the place of one that is there by itself', () => {
  const labels = new Map([['hostname', 'behind']]);
  expect(readPyroscopePush(pyroscopePush(CPU, { ...SERIES, labels })).labels).toMatchObject({
    hostname: 'behind',
  });
});

test('pushed messages are valid whatever names hold', () => {
  const [push, otlp] = [pyroscopePush(SHOP_PROFILE, SERIES), otlpProfiles(SHOP_PROFILE, SERIES)];
  expect([...readPyroscopePush(push).stacks.keys()]).toEqual([...readOtlpProfiles(otlp).stacks.keys()]);
  const odd = makeProfile([{ stack: ['\ud800;\u001b', ''] }]);
  expect([...readOtlpProfiles(otlpProfiles(odd, SERIES)).stacks.keys()]).toEqual(['\\ud800;\\x1b;']);
});

import { expect, test } from 'vitest';
import type { PythonVersion } from '../../model/python-version.ts';
import { greenletLayoutFor } from './greenlet-layouts.ts';

function python(text: string): PythonVersion {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  const release = { micro: 0, releaseLevel: 'final', serial: 0 } as const;
  return { major, minor, ...release, isFreeThreaded: false, isDebugBuild: false };
}

// offsetof(Greenlet, stack_state), and of _top_frame in it, as g++ 12 has them for the sources of each version.
test.each([
  ['2.0.2', '2.7', 48, 88],
  ['2.0.2', '3.6', 48, 88],
  ['2.0.0', '3.7', 64, 112],
  ['2.0.0.post0', '3.10', 64, 112],
  ['2.0.2', '3.11', 48, 96],
  ['3.0.0', '3.12', 48, 96],
  ['3.0.3', '3.9', 64, 112],
  ['3.1.0', '3.13', 48, 96],
  ['3.1.1', '3.13', 56, 104],
  ['3.1.1', '3.8', 72, 120],
  ['3.2.5', '3.9', 72, 120],
  ['3.2.0', '3.14', 56, 104],
  ['3.3.2', '3.15', 56, 104],
  ['3.4.0', '3.10', 72, 120],
  ['3.5.6', '3.12', 56, 104],
  ['3.5.6', '3.15', 56, 104],
])(
  'greenletLayoutFor() of greenlet %s on CPython %s is what offsetof() says',
  (version, on, stack, topFrame) => {
    expect(greenletLayoutFor(version, python(on))).toMatchObject({ implementation: 16, stack, topFrame });
  },
);

test('greenletLayoutFor() of greenlet 1 has all in the object itself', () => {
  expect(greenletLayoutFor('1.1.3', python('3.8'))).toMatchObject({
    implementation: undefined,
    topFrame: 56,
  });
  expect(greenletLayoutFor('1.1.3.post0', python('3.11'))).toBeUndefined();
});

test.each(['0.4.17', '2.1.0', '3.6.0', '4.0.0', '3.5.0rc1', '3', 'unknown', ''])(
  'greenletLayoutFor() does not know greenlet %j',
  (version) => {
    expect(greenletLayoutFor(version, python('3.12'))).toBeUndefined();
  },
);

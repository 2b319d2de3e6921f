import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import {
  makeAccount,
  makeProfile,
  makeProfiledProcess,
  makeProfiledThread,
  SHOP_PROFILE,
} from '../../test/support/profiles.ts';
import { MalformedInputError } from '../base/errors.ts';
import { OtherVersionError } from '../base/other-version-error.ts';
import type { Profile } from '../profile/profile.ts';
import { samplesOf } from '../profile/sample-table.ts';
import { pyflight } from './pyflight.ts';
import { readPyflight } from './pyflight-reader.ts';
import { PyflightWriter } from './pyflight-writer.ts';
import { FORMATS } from './registry.ts';

const HARD = makeProfile(
  [
    { stack: ['lone \udc80 surrogate@/srv/\udcff.py:3', '', 'x'.repeat(5000)], looks: 3 },
    { stack: '', looks: 1, state: 31 },
    { stack: 'a;b;c', looks: 2, thread: 1 },
  ],
  {
    processes: [
      makeProfiledProcess({ parent: 1, commandLine: [] }),
      makeProfiledProcess({
        pid: 4_194_304,
        python: {
          major: 3,
          minor: 15,
          micro: 0,
          releaseLevel: 'beta',
          serial: 2,
          isFreeThreaded: true,
          isDebugBuild: true,
        },
      }),
    ],
    threads: [
      makeProfiledThread({ osThreadId: undefined, pthreadId: undefined, name: undefined }),
      makeProfiledThread({
        process: 1,
        interpreterId: 3,
        name: '',
        isMainThread: false,
        osThreadId: 0,
        serial: 1,
      }),
      makeProfiledThread({ serial: 2, sharedBy: 300 }),
    ],
    account: makeAccount({
      mode: 'gil-wait',
      endedBecause: 'target-replaced',
      rateHz: 0.25,
      pausedNs: 3,
      sharingThreads: 299,
    }),
  },
);

function written(profile: Profile): Buffer {
  return Buffer.concat([...pyflight.write(profile, { producer: '' })].map((part) => Buffer.from(part)));
}

/** A profile with its samples as rows, which say the same however they lie in blocks. */
function plain({ samples, ...profile }: Profile) {
  return { ...profile, samples: [...samplesOf(samples)] };
}

test.each([
  ['a shop', SHOP_PROFILE],
  ['what is hard to write', HARD],
  ['nothing', makeProfile([])],
])('pyflight of %s is read as it was written', (_, profile) => {
  const { profile: read, isCutOff } = readPyflight(written(profile), 'test');
  expect(plain(read)).toEqual(plain(profile));
  expect(isCutOff).toBe(false);
});

test('pyflight of this version is these bytes: who changes them raises FILE_VERSION', () => {
  const { account } = HARD;
  const parts = [
    ...new PyflightWriter().account({ ...account, unreadProcesses: [{ pid: 7, reason: 'gone' }] }),
  ];
  expect(parts.map((part) => Buffer.from(part).toString('hex'))).toMatchInlineSnapshot(`
    [
      "0100085b22676f6e65225d",
      "07003b01030390a10f809494caca338094ebdc03640064000000e0d40380b518809f49a09c01d0860390bf0580b6dc050300000000000000ab0201010700",
    ]
  `);
});

test('PyflightWriter adds what is new, and a file that is cut off has what was added before', () => {
  const writer = new PyflightWriter();
  const half = { ...SHOP_PROFILE, threads: SHOP_PROFILE.threads.slice(0, 1), samples: [] };
  const first = [writer.head(), ...writer.part(half), ...writer.account(makeAccount({ samples: 1 }))];
  const second = [...writer.part(SHOP_PROFILE), ...writer.account(SHOP_PROFILE.account)];
  const whole = Buffer.concat([...first, ...second]);
  expect(plain(readPyflight(whole, 'test').profile)).toEqual(plain(SHOP_PROFILE));
  expect(second.length).toBeLessThan(first.length);
  const beginning = Buffer.concat(first).length;
  for (let end = beginning; end < whole.length; end += 1) {
    const { profile, isCutOff } = readPyflight(whole.subarray(0, end), 'test');
    expect(profile.account.samples).toBe(1);
    if (end === beginning + 1) expect(isCutOff).toBe(true);
  }
});

test.each([
  ['PYFLOGHT\u0001', 'Cannot read test at offset 0: it is no profile of pyflight'],
  ['PYFLIGHT\u0001', 'Cannot read test: an older pyflight has written it, as version 1 and not 3'],
  ['PYFLIGHT\u0004', 'Cannot read test: a newer pyflight has written it, as version 4 and not 3'],
  ['PYFLIGHT\u0003', 'Cannot read test at offset 9: it ends before it says how the profile came about'],
  [
    'PYFLIGHT\u0003\u0063\u0000\u0000',
    'Cannot read test, part of kind 99 at offset 0: what it holds is not known',
  ],
  [
    'PYFLIGHT\u0003\u0005\u0000\u0001\u007f',
    'Cannot read test, part of kind 5 at offset 1: there cannot be 127 of them',
  ],
])('readPyflight() of %j says what is wrong', (text, message) => {
  expect(() => readPyflight(Buffer.from(text, 'latin1'), 'test')).toThrow(message);
});

/** Reads what may be anything; what could be read can be written in every format. */
function readAndWrite(bytes: Uint8Array): void {
  let profile: Profile;
  try {
    profile = readPyflight(bytes, 'test').profile;
  } catch (error) {
    if (error instanceof MalformedInputError || error instanceof OtherVersionError) return;
    throw error;
  }
  for (const { write } of FORMATS) {
    let size = 0;
    for (const part of write(profile, { producer: 'test' })) {
      size += part.length;
      if (size > 1_000_000) break;
    }
  }
}

test('readPyflight() answers or throws what its callers know for a file with bytes changed or cut off', () => {
  const files = [SHOP_PROFILE, HARD].map(written);
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }),
      fc.option(fc.nat(), { nil: undefined }),
      (file, changes, end) => {
        const bytes = Uint8Array.from(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        readAndWrite(end === undefined ? bytes : bytes.subarray(0, end % (bytes.length + 1)));
      },
    ),
    cases(300),
  );
});

test('readPyflight() answers or throws MalformedInputError for parts that hold anything', () => {
  const numbers = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 127 }), fc.nat({ max: 255 })), {
    maxLength: 40,
  });
  const part = fc.tuple(fc.integer({ min: 1, max: 7 }), numbers);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const chunks = parts.map(([kind, bytes]) => Buffer.from([kind, 0, bytes.length, ...bytes]));
      readAndWrite(Buffer.concat([written(SHOP_PROFILE), ...chunks]));
    }),
    cases(500),
  );
});

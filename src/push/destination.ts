import { BadArgumentError } from '../base/errors.ts';
import { otlpProfiles } from '../formats/otlp-profiles.ts';
import type { ProfileSeries } from '../formats/profile-series.ts';
import { pyroscopePush } from '../formats/pyroscope-push.ts';
import type { Profile } from '../profile/profile.ts';

/** A server that takes profiles, and the message that it takes them as. */
export interface Destination {
  readonly url: string;
  readonly contentType: string;
  readonly encode: (profile: Profile, series: ProfileSeries) => Uint8Array;
}

interface Protocol extends Omit<Destination, 'url'> {
  /** Behind the address that is typed. */
  readonly path: string;
}

const PYROSCOPE: Protocol = {
  path: '/push.v1.PusherService/Push',
  contentType: 'application/proto',
  encode: pyroscopePush,
};

const OTLP: Protocol = {
  path: '/v1development/profiles',
  contentType: 'application/x-protobuf',
  encode: otlpProfiles,
};

/** What can stand before the colon, and the scheme that it is then. */
const SCHEMES: Readonly<Record<string, readonly [scheme: string, protocol: Protocol]>> = {
  'http:': ['http:', PYROSCOPE],
  'https:': ['https:', PYROSCOPE],
  'otlp+http:': ['http:', OTLP],
  'otlp+https:': ['https:', OTLP],
};

/**
 * Reads the address of a server: `http://host:4040` of Pyroscope, `otlp+http://host:4318` of a receiver of OTLP.
 * @throws {BadArgumentError} when it is none, or holds a password
 */
export function destinationOf(given: string): Destination {
  const scheme = /^[a-z+]+:/iu.exec(given)?.[0].toLowerCase() ?? '';
  const known = SCHEMES[scheme];
  const url = known === undefined ? undefined : urlOf(`${known[0]}${given.slice(scheme.length)}`);
  if (known === undefined || url === undefined)
    throw new BadArgumentError(
      `Cannot push to ${withoutPassword(given)}: write it as http://host:4040 (Pyroscope) or otlp+http://host:4318`,
    );
  // Everybody can read the command lines of all.
  if (url.username !== '' || url.password !== '')
    throw new BadArgumentError(
      `Cannot push to ${withoutPassword(given)}: names and passwords are taken from PYFLIGHT_PUSH_BASIC alone`,
    );
  const { path, contentType, encode } = known[1];
  const base = url.pathname.replace(/\/+$/u, '');
  url.pathname = base.endsWith(path) ? base : `${base}${path}`;
  return { url: url.href, contentType, encode };
}

function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.hostname === '' ? undefined : url;
}

function withoutPassword(given: string): string {
  return given.replace(/\/\/[^/]*@/u, '//…@');
}

import { InspectorError } from '../base/errors.ts';
import { waitOrLess } from '../base/waiting.ts';
import { accountSince } from '../profile/account-since.ts';
import type { Profile, SamplingAccount } from '../profile/profile.ts';
import { withFewerStacks } from '../profile/rare-stacks.ts';
import { rewriteStacks } from '../profile/rewrite-stacks.ts';
import { type Destination, destinationOf } from '../push/destination.ts';
import { labelsOf, namesInEnvironment, type ServiceNames, serviceNameOf } from '../push/series.ts';
import { type PushCounts, WindowPusher } from '../push/window-pusher.ts';
import {
  hostName,
  loadHttpPost,
  type PushEnvironment,
  readProcessEnvironment,
  readPushEnvironment,
} from '../target/host.ts';
import { type ProfileView, viewProfile } from './profiles.ts';

export type { PushCounts } from '../push/window-pusher.ts';

/** Where windows of a profile are sent, and under which name. */
export interface PushOptions {
  /** `http://host:4040` of Pyroscope, `otlp+http://host:4318` of what receives OTLP profiles; both with `https` too. */
  readonly url: string;
  /** What the application is called. */
  readonly name?: string;
  /** The process, whose environment has names for it and labels where OpenTelemetry is used. */
  readonly pid?: number;
  /** By which it is called when it has no name. */
  readonly commandLine: readonly string[];
  /** `env=prod,region=eu`. */
  readonly labels?: string;
  /** How windows are to be seen. */
  readonly view?: ProfileView;
  /** Who sends them: `pyflight 0.1.0`. */
  readonly producer: string;
}

/** A server that takes windows of a profile. */
export interface Push {
  /** Its address, with what follows for the endpoint. */
  readonly url: string;
  /** What the application is called there. */
  readonly service: string;
  /** Whether who we are is told over a network without TLS, where others can read it. */
  readonly isOpen: boolean;
  /** How it went so far. */
  readonly counts: PushCounts;
  /** Has a window, as `Sampling.takeWindow()` gives it, be sent. One in which nothing was seen is none. */
  send(window: Profile): void;
  /** Sends what waits, if that can be done in time, and drops the rest; a shorter limit may follow. */
  finish(limitMs: number): Promise<PushCounts>;
}

/**
 * Finds a server that windows can be sent to.
 * @throws {BadArgumentError} when address or labels are none
 * @throws {CannotPushError} when nobody answers there, or nobody who takes windows of us
 */
export async function openPush(options: PushOptions): Promise<Push> {
  const { producer, name, commandLine } = options;
  const destination = destinationOf(options.url);
  const given = labelsOf(options.labels);
  const told = namesOf(options.pid);
  const service = name ?? told.service ?? serviceNameOf(commandLine);
  const series = { producer, service, labels: new Map([...told.labels, ...given]), host: hostName() };
  const headers = credentialsOf(readPushEnvironment());
  const pusher = new WindowPusher({
    destination,
    headers: { 'User-Agent': producer.replace(' ', '/'), ...headers },
    post: await loadHttpPost(),
    wait: waitOrLess,
    random: Math.random,
  });
  await pusher.probe();
  let before: SamplingAccount | undefined;
  return {
    url: destination.url,
    service,
    isOpen: headers['Authorization'] !== undefined && isReadByOthers(destination),
    get counts() {
      return pusher.counts;
    },
    send: (window) => {
      const account = accountSince(window.account, before);
      before = window.account;
      const seen = viewProfile({ ...window, account }, options.view ?? {});
      if (seen.account.samples > 0) pusher.add(destination.encode(slim(seen), series));
    },
    finish: async (limitMs) => {
      await pusher.finish(limitMs);
      return pusher.counts;
    },
  };
}

function namesOf(pid: number | undefined): ServiceNames {
  if (pid === undefined) return namesInEnvironment(new Map());
  try {
    return namesInEnvironment(readProcessEnvironment(pid));
  } catch (error) {
    // One that may not be looked at so, or has ended, has other names.
    if (error instanceof InspectorError) return namesInEnvironment(new Map());
    throw error;
  }
}

/** More different stacks than that Pyroscope does not take at once. */
const MOST_STACKS = 16_000;

/** Only what samples have: the tables of a window are those of the whole time. */
function slim(profile: Profile): Profile {
  return rewriteStacks(withFewerStacks(profile, MOST_STACKS), {});
}

function credentialsOf({ token, basic, tenant }: PushEnvironment): Readonly<Record<string, string>> {
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : basic !== undefined
        ? `Basic ${Buffer.from(basic).toString('base64')}`
        : undefined;
  return {
    ...(authorization === undefined ? {} : { Authorization: authorization }),
    ...(tenant === undefined ? {} : { 'X-Scope-OrgID': tenant }),
  };
}

function isReadByOthers(destination: Destination): boolean {
  const url = new URL(destination.url);
  return url.protocol === 'http:' && !/^(?:localhost|127\.[\d.]+|\[::1\])$/u.test(url.hostname);
}

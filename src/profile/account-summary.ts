import { formatCount, formatNanoseconds, formatShare } from '../base/quantities.ts';
import type { SampledMode, SamplingAccount, Spread } from './profile.ts';

/** A line of what is to be known about a profile before it is believed. */
export interface AccountLine {
  readonly subject: string;
  readonly state: string;
}

const MODES: Readonly<Record<SampledMode, string>> = {
  wall: 'wall-clock time',
  cpu: 'time on a CPU',
  gil: 'time with the GIL',
  'gil-wait': 'time spent waiting for the GIL',
  exception: 'time spent raising and handling exceptions',
};

const ENDS: Readonly<Record<SamplingAccount['endedBecause'], string>> = {
  duration: 'the time was over',
  interrupted: 'it was interrupted',
  'target-ended': 'the program ended',
  'target-replaced': 'the process began to run another program',
  count: 'there were enough samples',
};

/** Says how a profile came about: what was asked, what was reached, what was lost. */
export function accountLines(account: SamplingAccount): readonly AccountLine[] {
  const { rateHz, durationNs, sweeps, samples, startedAt } = account;
  const begun = new Date(startedAt).toISOString().replace('T', ' ').slice(0, 19);
  return [
    { subject: 'measured', state: MODES[account.mode] },
    { subject: 'begun', state: `${begun} UTC` },
    { subject: 'duration', state: `${formatNanoseconds(durationNs)}, until ${ENDS[account.endedBecause]}` },
    {
      subject: 'rate',
      state: `${rate(rateHz)} asked, ${rate(reachedRate(account))} reached: ${formatCount(sweeps)} sweeps, ${formatCount(account.missedSweeps)} missed`,
    },
    { subject: 'samples', state: `${formatCount(samples)}${leftOut(account)}` },
    ...processLines(account),
    ...(account.sharingThreads === 0 ? [] : [{ subject: 'threads', state: sharingState(account) }]),
    ...(account.mostTasks === 0 ? [] : [{ subject: 'tasks', state: taskState(account) }]),
    { subject: 'lateness', state: spread(account.lateness) },
    { subject: 'sweeps took', state: spread(account.sweepTime) },
    { subject: 'CPU used', state: `${formatShare(account.samplerCpuNs, durationNs)} of a core` },
    { subject: 'stood still', state: pauses(account) },
  ];
}

/** Which processes were sampled, where they are more than the one that was asked for, and which could not be, with the first reason. */
function processLines({ sampledProcesses, unreadProcesses }: SamplingAccount): readonly AccountLine[] {
  const [first, ...others] = unreadProcesses;
  if (first === undefined)
    return sampledProcesses > 1
      ? [{ subject: 'processes', state: `${formatCount(sampledProcesses)} sampled` }]
      : [];
  const more = others.length === 0 ? '' : `, nor ${others.map(({ pid }) => pid).join(', ')}`;
  const state = `${formatCount(sampledProcesses)} sampled, ${formatCount(unreadProcesses.length)} not: ${first.reason}${more}`;
  return [{ subject: 'processes', state }];
}

/** The same in a line, of what matters most: `99.8 of 100 Hz, 1,234 samples, 2 torn, late by 60 µs (99 %: 400 µs)`. */
export function accountSentence(account: SamplingAccount): string {
  const { rateHz, samples, tornSamples, unreadableSamples, lateness } = account;
  const late = `late by ${formatNanoseconds(lateness.medianNs)} (99 %: ${formatNanoseconds(lateness.p99Ns)})`;
  return [
    `${hertz(reachedRate(account))} of ${rate(rateHz)}`,
    `${formatCount(samples)} samples`,
    `${formatCount(tornSamples)} torn`,
    ...(unreadableSamples === 0 ? [] : [`${formatCount(unreadableSamples)} unreadable`]),
    late,
  ].join(', ');
}

/** Sweeps per second that there were. */
function reachedRate({ sweeps, durationNs }: SamplingAccount): number {
  return durationNs === 0 ? 0 : sweeps / (durationNs / 1e9);
}

function rate(value: number): string {
  return `${hertz(value)} Hz`;
}

function hertz(value: number): string {
  return value >= 100 ? formatCount(value) : `${Number(value.toPrecision(3))}`;
}

function leftOut(account: SamplingAccount): string {
  const { samples, unsteadySamples, tornSamples, unreadableSamples, samplesWithoutNative } = account;
  const moved =
    unsteadySamples === 0
      ? ''
      : `, ${formatCount(unsteadySamples)} (${formatShare(unsteadySamples, samples)}) of threads that moved while they were read`;
  const bare =
    samplesWithoutNative === 0
      ? ''
      : `, ${formatCount(samplesWithoutNative)} (${formatShare(samplesWithoutNative, samples)}) without native frames`;
  const all = samples + tornSamples + unreadableSamples;
  const parts = [
    ...(tornSamples === 0 ? [] : [`${formatCount(tornSamples)} torn (${formatShare(tornSamples, all)})`]),
    ...(unreadableSamples === 0
      ? []
      : [`${formatCount(unreadableSamples)} unreadable (${formatShare(unreadableSamples, all)})`]),
  ];
  const known = `${moved}${bare}`;
  return parts.length === 0 ? `${known}, none left out` : `${known}; left out: ${parts.join(', ')}`;
}

/** Of each sweep a part is told, since a pause takes longer when the threads wait for a CPU. */
function pauses({ pausedNs, durationNs, pauses: each }: SamplingAccount): string {
  if (pausedNs === 0) return 'never';
  return `${formatNanoseconds(pausedNs)}, ${formatShare(pausedNs, durationNs)} of the time: ${spread(each)}`;
}

function sharingState({ sharingThreads }: SamplingAccount): string {
  return `${formatCount(sharingThreads)} began after a thousand had ended, and are shown in places of these, one after the other`;
}

function taskState({ mostTasks, tasksRead, tasksLost, sweeps }: SamplingAccount): string {
  const perSweep = sweeps === 0 ? 0 : Math.round(tasksRead / sweeps);
  const read =
    perSweep < mostTasks
      ? `${formatCount(perSweep)} read in a sweep, which stand for all`
      : 'all read in each sweep';
  const lost =
    tasksLost === 0
      ? ''
      : `; left out: ${formatCount(tasksLost)} of ${formatCount(tasksRead)} that had ended or changed`;
  return `${formatCount(mostTasks)} at most, ${read}${lost}`;
}

function spread({ medianNs, p99Ns, mostNs }: Spread): string {
  return `${formatNanoseconds(medianNs)} in the median, ${formatNanoseconds(p99Ns)} at 99 %, ${formatNanoseconds(mostNs)} at most`;
}

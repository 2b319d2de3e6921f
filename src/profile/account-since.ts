import type { SamplingAccount } from './profile.ts';

/** What grows in an account while it goes on. */
const COUNTS = [
  'durationNs',
  'sweeps',
  'missedSweeps',
  'samples',
  'unsteadySamples',
  'tornSamples',
  'unreadableSamples',
  'sharingThreads',
  'samplerCpuNs',
  'pausedNs',
] as const;

/** The account of what was found since an earlier one. How long things took stays that of the whole time. */
export function accountSince(account: SamplingAccount, before: SamplingAccount | undefined): SamplingAccount {
  if (before === undefined) return account;
  const since = { ...account, startedAt: account.startedAt + before.durationNs / 1e6 };
  for (const name of COUNTS) since[name] = account[name] - before[name];
  return since;
}

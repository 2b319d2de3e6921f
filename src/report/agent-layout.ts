import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes, formatSeconds } from '../base/quantities.ts';
import type { AgentClient, AgentStatus, Departure, HookRemoval, RunningRequest } from '../model/agent.ts';
import type { RecordStore } from '../model/recorded-calls.ts';
import type { Style } from './style.ts';

/** Renders who is attached to a process, what is hooked there, and what runs. */
export function* agentStatusLines(status: AgentStatus, style: Style): Generator<string> {
  const { version, python, ageSeconds, leaseSeconds, hooks, clients, running, modulesAdded } = status;
  yield `${style.bold('Agent')} ${escapeForTerminal(version)}, inside for ${formatSeconds(ageSeconds)}, in ${escapeForTerminal(status.directory)}`;
  yield `Python ${escapeForTerminal(python)}`;
  yield `It leaves ${formatSeconds(leaseSeconds)} after its last client has gone.`;
  yield style.bold(`Clients: ${clients.length}`);
  for (const client of clients) yield `  ${clientWords(client)}`;
  yield style.bold(`Hooks: ${hooks.length}`);
  for (const { kind, target, hits, costNs } of hooks) {
    yield `  ${escapeForTerminal(kind)} ${escapeForTerminal(target)}: ${hits} calls, ${formatSeconds(costNs / 1e9)} added`;
  }
  yield style.bold(`Running: ${running.length}`);
  for (const request of running) yield `  ${runningWords(request)}`;
  if (status.records !== undefined) yield recordsLine(status.records, style);
  yield* addedLines(modulesAdded, 'Modules that it has loaded');
}

function recordsLine({ count, bytes, budget, dropped }: RecordStore, style: Style): string {
  const lost = dropped === 0 ? '' : `; ${dropped} of the oldest were dropped`;
  return `${style.bold(`Recorded calls: ${count}`)}, which hold about ${formatBytes(bytes)} of ${formatBytes(budget)}${lost}`;
}

/** Renders which hooks were taken out. */
export function* removalLines({ removed, kept }: HookRemoval): Generator<string> {
  yield `Removed ${removed.length} ${removed.length === 1 ? 'hook' : 'hooks'}.`;
  for (const target of removed) yield `  ${escapeForTerminal(target)}`;
  for (const target of kept) {
    yield `  left alone, since something else has changed it meanwhile: ${escapeForTerminal(target)}`;
  }
}

/** Renders how the agent has left, with what is left of it. */
export function* departureLines(departure: Departure, style: Style): Generator<string> {
  const { left, removed, kept, running, modulesAdded } = departure;
  yield `${style.bold('Detached.')} Left in the process: ${counted(kept.length, 'hook')}, ${counted(left.threads, 'thread')}, ${counted(left.sockets, 'socket')}, ${counted(left.files, 'file')}.`;
  if (removed.length + kept.length > 0) yield* removalLines(departure);
  for (const request of running) yield `  told to stop: ${runningWords(request)}`;
  yield* addedLines(modulesAdded, 'Modules that stay loaded');
}

function clientWords({ pid, uid, name, seconds, isOwn }: AgentClient): string {
  const whose = isOwn ? ' (this one)' : '';
  return `pid ${pid}, uid ${uid}, ${escapeForTerminal(name)}, for ${formatSeconds(seconds)}${whose}`;
}

function runningWords({ op, seconds }: RunningRequest): string {
  return `${escapeForTerminal(op)}, for ${formatSeconds(seconds)}`;
}

function* addedLines(modules: readonly string[], words: string): Generator<string> {
  if (modules.length > 0) yield `${words}: ${modules.map(escapeForTerminal).join(', ')}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

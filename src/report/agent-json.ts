import type { AgentStatus, Departure, HookRemoval, RunningRequest } from '../model/agent.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

/** Writes what an agent says of itself as a JSON document; `agent` is `null` when there is none. */
export function agentStatusToJson(status: AgentStatus | undefined): JsonObject {
  return { schemaVersion: 1, agent: status === undefined ? null : statusFields(status) };
}

function statusFields(status: AgentStatus): JsonValue {
  return {
    pid: status.pid,
    python: status.python,
    version: status.version,
    protocol: status.protocol,
    ageSeconds: status.ageSeconds,
    leaseSeconds: status.leaseSeconds,
    threadId: status.threadId ?? null,
    directory: status.directory,
    clients: status.clients.map((client) => ({ ...client })),
    hooks: status.hooks.map((hook) => ({ ...hook })),
    running: status.running.map(runningToJson),
    modulesAdded: [...status.modulesAdded],
    records: status.records === undefined ? null : { ...status.records },
  };
}

/** Writes which hooks were taken out as a JSON document. */
export function removalToJson({ removed, kept }: HookRemoval): JsonObject {
  return { schemaVersion: 1, removed: [...removed], kept: [...kept] };
}

/** Writes how the agent has left as a JSON document; `departure` is `null` when there was none. */
export function departureToJson(departure: Departure | undefined): JsonObject {
  if (departure === undefined) return { schemaVersion: 1, departure: null };
  const { removed, kept, running, modulesAdded, left } = departure;
  return {
    schemaVersion: 1,
    departure: {
      removed: [...removed],
      kept: [...kept],
      running: running.map(runningToJson),
      modulesAdded: [...modulesAdded],
      left: { ...left },
    },
  };
}

function runningToJson({ op, seconds }: RunningRequest): JsonValue {
  return { op, seconds };
}

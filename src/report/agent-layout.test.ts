import { expect, test } from 'vitest';
import type { AgentStatus } from '../model/agent.ts';
import { agentStatusLines } from './agent-layout.ts';
import { PLAIN } from './style.ts';

const STATUS: AgentStatus = {
  pid: 42,
  python: '3.12.1',
  version: '0.1.0',
  protocol: 2,
  ageSeconds: 1,
  leaseSeconds: 300,
  threadId: 43,
  directory: '/tmp/pyflight-42-1',
  clients: [],
  hooks: [],
  running: [],
  modulesAdded: [],
  records: undefined,
};

test('agentStatusLines() tells how many calls are recorded, when somebody has asked for that', () => {
  const records = { count: 3, bytes: 2048, budget: 2 ** 26, dropped: 2 };
  expect([...agentStatusLines(STATUS, PLAIN)].at(-1)).toBe('Running: 0');
  expect([...agentStatusLines({ ...STATUS, records }, PLAIN)].at(-1)).toBe(
    'Recorded calls: 3, which hold about 2.0 KiB of 64.0 MiB; 2 of the oldest were dropped',
  );
});

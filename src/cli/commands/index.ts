import type { Command } from '../command.ts';

/** Every command by name. Its module is loaded only when it is needed, so that the others cost no time at the start. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  ps: async () => (await import('./ps.ts')).ps,
  stack: async () => (await import('./stack.ts')).stack,
  locks: async () => (await import('./locks.ts')).locks,
  core: async () => (await import('./core.ts')).core,
  status: async () => (await import('./status.ts')).status,
  reset: async () => (await import('./reset.ts')).reset,
  console: async () => (await import('./console.ts')).console,
  detach: async () => (await import('./detach.ts')).detach,
  stop: async () => (await import('./detach.ts')).stop,
  demo: async () => (await import('./demo.ts')).demo,
  remote: async () => (await import('./remote.ts')).remote,
  help: async () => (await import('./help.ts')).makeHelp(COMMANDS),
};

/** Loads every command, in the order of the table. */
export async function loadCommands(): Promise<readonly Command[]> {
  return await Promise.all(Object.values(COMMANDS).map((load) => load()));
}

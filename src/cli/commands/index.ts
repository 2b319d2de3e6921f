import type { Command } from '../command.ts';

/** Every command by name. Its module is loaded only when it is needed, so that the others cost no time at the start. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  ps: async () => (await import('./ps.ts')).ps,
  stack: async () => (await import('./stack.ts')).stack,
  locks: async () => (await import('./locks.ts')).locks,
  module: async () => (await import('./module.ts')).module,
  getglobal: async () => (await import('./getglobal.ts')).getglobal,
  vmtool: async () => (await import('./vmtool.ts')).vmtool,
  mem: async () => (await import('./mem.ts')).mem,
  watch: async () => (await import('./watch.ts')).watch,
  trace: async () => (await import('./trace.ts')).trace,
  tt: async () => (await import('./tt.ts')).tt,
  monitor: async () => (await import('./monitor.ts')).monitor,
  callers: async () => (await import('./callers.ts')).callers,
  reload: async () => (await import('./reload.ts')).reload,
  perf: async () => (await import('./perf.ts')).perf,
  top: async () => (await import('./top.ts')).top,
  gilstat: async () => (await import('./gilstat.ts')).gilstat,
  record: async () => (await import('./record.ts')).record,
  torch: async () => (await import('./torch.ts')).torch,
  convert: async () => (await import('./convert.ts')).convert,
  pyflame: async () => (await import('./pyflame.ts')).pyflame,
  core: async () => (await import('./core.ts')).core,
  status: async () => (await import('./status.ts')).status,
  reset: async () => (await import('./reset.ts')).reset,
  console: async () => (await import('./console.ts')).console,
  detach: async () => (await import('./detach.ts')).detach,
  stop: async () => (await import('./detach.ts')).stop,
  demo: async () => (await import('./demo.ts')).demo,
  remote: async () => (await import('./remote.ts')).remote,
  history: async () => (await import('./history.ts')).history,
  cls: async () => (await import('./cls.ts')).cls,
  exit: async () => (await import('./leaving.ts')).makeLeaving('exit'),
  quit: async () => (await import('./leaving.ts')).makeLeaving('quit'),
  help: async () => (await import('./help.ts')).makeHelp(COMMANDS),
};

/** Loads every command, in the order of the table. */
export async function loadCommands(): Promise<readonly Command[]> {
  return await Promise.all(Object.values(COMMANDS).map((load) => load()));
}

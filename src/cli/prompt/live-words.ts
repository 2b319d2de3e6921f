import type { Context } from '../context.ts';
import type { CompletionSources } from './completion.ts';
import type { TargetSession } from './target-session.ts';

/** What words can be completed to that only the machine and the process know. Nothing is stopped for it. */
export function liveWords(session: TargetSession, { api }: Context): CompletionSources['words'] {
  return {
    command: async () => {
      const { COMMANDS } = await import('../commands/index.ts');
      return Object.keys(COMMANDS);
    },
    file: async (beginning) => {
      const end = beginning.lastIndexOf('/') + 1;
      const directory = beginning.slice(0, end);
      const entries = await api.listEntries(directory === '' ? '.' : directory, beginning.slice(end));
      return entries.map((name) => directory + name);
    },
    thread: async (beginning) => {
      const { threads } = session.inspection?.snapshot({ pause: false }) ?? { threads: [] };
      const isId = /^[0-9]/.test(beginning);
      const words = threads.flatMap(({ osThreadId, pythonName, kernelName }) => {
        const word = isId ? osThreadId?.toString() : (pythonName ?? kernelName);
        return word === undefined ? [] : [word];
      });
      return words.toSorted();
    },
  };
}

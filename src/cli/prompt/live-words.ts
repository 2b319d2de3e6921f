import type { NameEntry } from '../../api/index.ts';
import { InspectorError } from '../../base/errors.ts';
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
    module: async () => session.inspection?.modules({ pause: false }).modules.map(({ name }) => name) ?? [],
    class: async (beginning, before) =>
      namesOf(session, before.slice(-1), beginning, ({ isClass }) => isClass),
    name: async (beginning, before) => namesOf(session, before.filter(isNameWord), beginning, () => true),
  };
}

/** Not an option, and not a pid. */
function isNameWord(word: string): boolean {
  return !/^[-0-9]/.test(word);
}

/** Names as they would be typed behind a module and maybe a class: those of what stands before the last dot. */
function namesOf(
  { inspection }: TargetSession,
  [module, ...before]: readonly string[],
  beginning: string,
  isWanted: (entry: NameEntry) => boolean,
): readonly string[] {
  if (inspection === undefined || module === undefined) return [];
  const typed = beginning.slice(0, beginning.lastIndexOf('.') + 1);
  const path = [...before, ...typed.split('.')].flatMap((word) => word.split('.')).filter(Boolean);
  try {
    return inspection
      .names({ module, path })
      .filter(isWanted)
      .map(({ name }) => typed + name);
  } catch (error) {
    if (error instanceof InspectorError) return [];
    throw error;
  }
}

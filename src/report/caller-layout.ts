import { escapeForTerminal } from '../base/escaping.ts';
import type { CallerCounts, CallerPath } from '../model/function-calls.ts';
import type { Style } from './style.ts';

/** Renders the ways by which a function was called: the count, its share, and the callers, the nearest first. */
export function* callerLines({ paths, others }: CallerCounts, style: Style): Generator<string> {
  const total = paths.reduce((sum, { calls }) => sum + calls, others);
  for (const path of paths) {
    yield style.bold(headline(path, total));
    for (const { file, line, name } of path.frames)
      yield `  ${escapeForTerminal(name)}  ${style.faint(`${escapeForTerminal(file)}:${line}`)}`;
    if (path.frames.length === 0) yield '  (by the interpreter itself)';
  }
  if (others > 0) yield `${others} calls by further ways`;
}

function headline({ calls, failed, costNs }: CallerPath, total: number): string {
  const share = total > 0 ? ((100 * calls) / total).toFixed(1) : '0.0';
  const failures = failed > 0 ? `, ${failed} failed` : '';
  return `${calls} ${calls === 1 ? 'call' : 'calls'} (${share} %), ${(costNs / calls / 1e6).toFixed(3)} ms on average${failures}`;
}

import type { LiveMoment, SpanCounts } from '../profile/live-moment.ts';
import { sortedRows } from '../profile/live-table.ts';
import type { SampledMode } from '../profile/profile.ts';
import { threadRows } from '../profile/thread-table.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { choiceOf, type TopView } from './top-view.ts';

/** Writes what is known of a process at a moment, as docs/top.schema.json describes it. */
export function topToJson(moment: LiveMoment, view: TopView): JsonObject {
  const { profile, recent, whole } = moment;
  const { mode, rateHz } = profile.account;
  return {
    schemaVersion: 1,
    mode,
    rateHz,
    recent: countsToJson(recent.counts),
    whole: countsToJson(whole.counts),
    threads: threadRows({ threads: profile.threads, samples: recent.samples }).map(
      ({ thread: { process, osThreadId, pthreadId, name, isMainThread, sharedBy }, ns, ...states }) => ({
        pid: profile.processes[process]?.pid ?? null,
        osThreadId: osThreadId ?? null,
        pthreadId: pthreadId ?? null,
        name: name ?? null,
        isMainThread,
        sharedBy,
        ns,
        ...statesToJson(mode, states),
      }),
    ),
    rows: sortedRows(moment.rows(choiceOf(view)), view.sort)
      .slice(0, view.mostRows)
      .map(({ frame, ...weights }) => ({
        name: frame.name,
        file: frame.file,
        firstLine: frame.firstLine,
        line: view.byFunction || view.byTask === true ? null : frame.line,
        recent: { own: { ...weights.recent.own }, total: { ...weights.recent.total } },
        whole: { own: { ...weights.whole.own }, total: { ...weights.whole.total } },
      })),
    problems: [],
  };
}

function countsToJson(counts: SpanCounts): JsonObject {
  return { ...counts };
}

/** What is not asked in a mode is not known. */
function statesToJson(
  mode: SampledMode,
  states: { readonly onCpuNs: number; readonly holdsGilNs: number; readonly waitsForGilNs: number },
): Readonly<Record<string, JsonValue>> {
  return {
    onCpuNs: mode === 'cpu' ? states.onCpuNs : null,
    holdsGilNs: mode === 'gil-wait' ? null : states.holdsGilNs,
    waitsForGilNs: mode === 'gil-wait' ? states.waitsForGilNs : null,
  };
}

import type { Inspection, Sampling, SamplingOptions } from '../../api/index.ts';
import { InspectorError } from '../../base/errors.ts';
import { mayBeTooEarly } from '../../base/may-be-too-early.ts';
import { formatPythonVersion } from '../../model/python-version.ts';
import type { Level } from '../command.ts';
import type { Context } from '../context.ts';

/** A process that is to be sampled, alone or with those that it starts, and what is known of it before. */
export interface SampledRoot {
  readonly pid: number;
  readonly options: SamplingOptions;
  /** It was started for this, so that its end is that of the profile. */
  readonly isStarted?: boolean;
}

/** What is done to a process for its samples. */
export function levelOfSampling({ blocking, native }: SamplingOptions): Level {
  return blocking === true || native === true ? 'L1' : 'L0';
}

/** Begins to sample a process, after it was made sure that it can be looked at. */
export async function beginSampling(root: SampledRoot, context: Context): Promise<Sampling> {
  (await attachIfThere(root, context))?.[Symbol.dispose]();
  return await startSampled(root, context);
}

/**
 * Attaches to a process that is to be sampled; `undefined` when it is too early to: in one that was just started there may be no
 * Python yet, and a shell may start what is to be sampled.
 */
export async function attachIfThere(
  { pid, options, isStarted = false }: SampledRoot,
  { api, note }: Context,
): Promise<Inspection | undefined> {
  const { exhaustive = false, subprocesses = false, blocking = false, native = false } = options;
  try {
    const inspection = await api.attach(pid, { native: false, exhaustive });
    if (blocking || native) inspection.checkStoppable();
    const python = formatPythonVersion(inspection.facts.python);
    if (options.gc === true && !inspection.showsCollections)
      note(`CPython ${python} does not show from outside when it collects garbage: --gc marks nothing`);
    return inspection;
  } catch (error) {
    if (!(isStarted || subprocesses) || !mayBeTooEarly(error)) throw error;
    return undefined;
  }
}

/** Begins to sample it. */
export async function startSampled(
  { pid, options, isStarted = false }: SampledRoot,
  { api }: Context,
): Promise<Sampling> {
  return await api.startSampling(pid, { ...options, threadMayCome: isStarted });
}

/** Attaches to a process for its source files; `undefined` when it is gone. */
export async function attachAfterwards(pid: number, { api }: Context): Promise<Inspection | undefined> {
  try {
    return await api.attach(pid, { native: false });
  } catch (error) {
    if (error instanceof InspectorError) return undefined;
    throw error;
  }
}

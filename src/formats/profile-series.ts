import type { SampledMode } from '../profile/profile.ts';

/** What a profile that is sent to a server is filed under. */
export interface ProfileSeries {
  /** Who sends it: `pyflight 0.1.0`. */
  readonly producer: string;
  /** Of the application. */
  readonly service: string;
  /** The machine that it runs on. */
  readonly host: string;
  readonly labels: ReadonlyMap<string, string>;
}

/** What servers call profiles of a mode: `process_cpu`, as all do, or what we call it. */
export function seriesName(mode: SampledMode): string {
  return mode === 'cpu' ? 'process_cpu' : mode.replaceAll('-', '_');
}

import { isAboutEnd, isAboutMemory } from '../../base/errors.ts';
import { PerfMap, type PerfMapEntry } from '../../symbols/perf-map.ts';
import type { NativeOrigin } from './native-origin.ts';

/** Names the code that a process compiled while it ran, as far as it wrote a perf map. */
export class CompiledCode {
  readonly #origin: Pick<NativeOrigin, 'readPerfMap'>;
  #map: PerfMap | undefined | 'not read' = 'not read';

  constructor(origin: Pick<NativeOrigin, 'readPerfMap'>) {
    this.#origin = origin;
  }

  /** Finds what was compiled to an address of the target. */
  find(address: number): PerfMapEntry | undefined {
    if (this.#map === 'not read') this.#map = this.#read();
    return this.#map?.find(address);
  }

  #read(): PerfMap | undefined {
    try {
      const bytes = this.#origin.readPerfMap();
      return bytes === undefined ? undefined : new PerfMap(bytes);
    } catch (error) {
      // The file became shorter meanwhile, or the process that would lead there has ended.
      if (isAboutMemory(error) || isAboutEnd(error)) return undefined;
      throw error;
    }
  }
}

import { isAboutMemory } from '../../base/errors.ts';
import { readPerfMapFile } from '../../platform/perf-map-file.ts';
import { PerfMap, type PerfMapEntry } from '../../symbols/perf-map.ts';

/** Names the code that a process compiled while it ran, as far as it wrote a perf map. */
export class CompiledCode {
  readonly #pid: number;
  #map: PerfMap | undefined | 'not read' = 'not read';

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Finds what was compiled to an address of the target. */
  find(address: number): PerfMapEntry | undefined {
    if (this.#map === 'not read') this.#map = this.#read();
    return this.#map?.find(address);
  }

  #read(): PerfMap | undefined {
    try {
      const bytes = readPerfMapFile(this.#pid);
      return bytes === undefined ? undefined : new PerfMap(bytes);
    } catch (error) {
      // The file became shorter meanwhile.
      if (isAboutMemory(error)) return undefined;
      throw error;
    }
  }
}

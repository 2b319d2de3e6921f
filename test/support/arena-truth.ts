/** What `sys._debugmallocstats()` wrote. */
export interface ArenaTruth {
  readonly arenaCount: number;
  readonly usedBytes: number;
  readonly freeBlockBytes: number;
}

/** Reads lines like `# bytes in allocated blocks        =           11,591,936`; `undefined` where there are none. */
export function arenaTruth(text: string | null): ArenaTruth | undefined {
  const figure = (label: string): number | undefined => {
    const digits = new RegExp(`^# ${label} +=\\s+([\\d,]+)$`, 'mu').exec(text ?? '')?.[1];
    return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
  };
  const arenaCount = figure('arenas allocated current');
  const usedBytes = figure('bytes in allocated blocks');
  const freeBlockBytes = figure('bytes in available blocks');
  if (arenaCount === undefined || usedBytes === undefined || freeBlockBytes === undefined) return undefined;
  return { arenaCount, usedBytes, freeBlockBytes };
}

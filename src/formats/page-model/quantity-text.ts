/** A share as it is shown everywhere: `12.3 %`. */
export function percent(value: number, whole: number): string {
  return whole === 0 ? '-' : `${((value / whole) * 100).toFixed(1)} %`;
}

/** By how much a share has grown or shrunk: `+3.0 %`, `−0.4 %`. */
export function gainText(gain: number): string {
  return `${gain < 0 ? '−' : '+'}${percent(Math.abs(gain), 1)}`;
}

/** What became of a share: `30.0 % before, 33.0 % after: +3.0 %`. */
export function changeText(had: number, has: number): string {
  return `${percent(had, 1)} before, ${percent(has, 1)} after: ${gainText(has - had)}`;
}

/** A time: `1.20 s`, `35 ms`. */
export function duration(ns: number): string {
  if (ns === 0) return '0';
  return ns >= 1e9 ? `${(ns / 1e9).toFixed(2)} s` : `${(ns / 1e6).toPrecision(3)} ms`;
}

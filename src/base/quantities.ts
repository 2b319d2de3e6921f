const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats a time in its two greatest units: `0.42 s`, `12 s`, `3m 05s`, `2h 04m`, `12d 03h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}m ${twoDigits(whole % MINUTE)}s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)}h ${twoDigits(Math.floor((whole % HOUR) / MINUTE))}m`;
  return `${Math.floor(whole / DAY)}d ${twoDigits(Math.floor((whole % DAY) / HOUR))}h`;
}

/** Formats a short time: `850 ns`, `12.3 µs`, `4.00 ms`; from a second on as {@link formatSeconds}. */
export function formatNanoseconds(nanoseconds: number): string {
  if (nanoseconds < 999.5) return `${Math.round(nanoseconds)} ns`;
  if (nanoseconds < 999_500) return `${(nanoseconds / 1e3).toPrecision(3)} µs`;
  if (nanoseconds < 999_500_000) return `${(nanoseconds / 1e6).toPrecision(3)} ms`;
  return formatSeconds(nanoseconds / 1e9);
}

/** Formats a part of a whole: `12.3 %`; `-` where there is no whole. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`;
}

/** Formats a count with the thousands apart: `1,234,567`. */
export function formatCount(count: number): string {
  return `${Math.round(count)}`.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Formats a size of memory in binary units, three digits or so: `812 KiB`, `46.1 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${SIZE_UNITS[unit] ?? ''}`;
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0');
}

import { MalformedInputError } from '../../base/errors.ts';

/**
 * Seconds since the boot, to a hundredth, from /proc/uptime.
 * @throws {MalformedInputError} for text of another form
 */
// 350735.47 234388.90
export function parseUptime(text: string): number {
  const match = /^(\d+\.\d+) /u.exec(text);
  if (match === null) throw new MalformedInputError('/proc/uptime', 0, 'line is not a time');
  return Number(match[1]);
}

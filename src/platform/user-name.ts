import { readSystemText } from './system-file.ts';

/** The name of a user in /etc/passwd; `undefined` for one that is not there, or is in a directory service. */
export function readUserName(uid: number): string | undefined {
  let text: string;
  try {
    text = readSystemText('/etc/passwd');
  } catch {
    return undefined;
  }
  return parseUserName(text, uid);
}

/** The first line with that id counts, as for getpwuid(3). */
// daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
export function parseUserName(text: string, uid: number): string | undefined {
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (id === `${uid}`) return name;
  }
  return undefined;
}

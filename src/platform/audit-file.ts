import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { silently } from './errno.ts';
import { isOurs, openOwnDirectory, PRIVATE_FILE_MODE } from './own-directory.ts';
import { readUserName } from './user-name.ts';

/** Who runs us: the user whose rights we have, and the one that sudo was called by. */
export interface OwnUser {
  readonly uid: number;
  readonly name: string | undefined;
  readonly sudoUser: string | undefined;
}

/** Tells who runs us. */
export function readOwnUser(): OwnUser {
  const uid = process.geteuid?.() ?? 0;
  return { uid, name: readUserName(uid), sudoUser: process.env['SUDO_USER'] };
}

/**
 * Adds a line to `$XDG_STATE_HOME/pyflight/audit.log` or `~/.local/state/pyflight/audit.log`, in one write, which
 * O_APPEND keeps whole beside those of others. Answers whether that could be done.
 */
export function appendToAudit(line: string): boolean {
  const isDone = silently(() => {
    const place = {
      xdgHome: process.env['XDG_STATE_HOME'],
      home: process.env['HOME'],
      below: ['.local', 'state'],
    };
    const directory = openOwnDirectory(place);
    if (directory === undefined) return false;
    try {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
      const fd = openSync(
        `/proc/self/fd/${directory}/audit.log`,
        flags | constants.O_NONBLOCK,
        PRIVATE_FILE_MODE,
      );
      try {
        if (!isOurs(fd) || !fstatSync(fd).isFile()) return false;
        writeSync(fd, `${line}\n`);
        return true;
      } finally {
        closeSync(fd);
      }
    } finally {
      closeSync(directory);
    }
  });
  return isDone === true;
}

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
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

const FILE_NAME = 'audit.log';

/** A file of this size is put aside, and a new one begun. */
const MOST_BYTES = 512 * 1024;

/** Files that were put aside go when newer ones have as much as this. */
const KEPT_BYTES = 1024 * 1024;

/** How often a line is written again that was lost with its file. */
const MOST_ATTEMPTS = 10;

/** `audit.log.2026-11-29T14:49:00.123Z-0000012345678901`: when it was put aside, and a number that no other has. */
const ASIDE_NAME = /^audit\.log\.[\dT:.-]+Z-\d+$/u;

/**
 * Adds a line to `$XDG_STATE_HOME/pyflight/audit.log` or `~/.local/state/pyflight/audit.log`, in one write, which
 * O_APPEND keeps whole beside those of others. Answers whether that could be done. The newest MiB at least is kept, in
 * this file and those that were put aside before.
 */
export function appendToAudit(line: string): boolean {
  const isDone = silently(() => {
    const place = {
      xdgHome: process.env['XDG_STATE_HOME'],
      home: process.env['HOME'],
      below: ['.local', 'state'],
    };
    const handle = openOwnDirectory(place);
    if (handle === undefined) return false;
    try {
      const directory = `/proc/self/fd/${handle}`;
      silently(() => putAside(directory));
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
        const outcome = append(directory, line);
        if (outcome !== 'gone') return outcome === 'written';
      }
      return false;
    } finally {
      closeSync(handle);
    }
  });
  return isDone === true;
}

/** `gone`: others have written so much since the file was opened that it was put aside and removed. */
function append(directory: string, line: string): 'written' | 'gone' | 'refused' {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const fd = openSync(`${directory}/${FILE_NAME}`, flags | constants.O_NONBLOCK, PRIVATE_FILE_MODE);
  try {
    if (!isOurs(fd) || !fstatSync(fd).isFile()) return 'refused';
    writeSync(fd, `${line}\n`);
    return fstatSync(fd).nlink === 0 ? 'gone' : 'written';
  } finally {
    closeSync(fd);
  }
}

/**
 * Several of us may do so at once: each gives the file a name that no other has, so that whichever it catches is kept, even one
 * that has only just been begun. Who has it open goes on to write to it under its new name.
 */
function putAside(directory: string): void {
  const path = `${directory}/${FILE_NAME}`;
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < MOST_BYTES) return;
  const moment = `${process.hrtime.bigint()}`.padStart(16, '0');
  renameSync(path, `${path}.${new Date().toISOString()}-${moment}`);
  removeOld(directory);
}

/** By when they were begun: one that was slow to rename may have caught a newer file than it meant to. */
function removeOld(directory: string): void {
  const aside = readdirSync(directory)
    .filter((name) => ASIDE_NAME.test(name))
    .flatMap((name) => {
      const path = `${directory}/${name}`;
      const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
      return facts === undefined ? [] : [{ path, size: Number(facts.size), begun: facts.birthtimeNs }];
    })
    .toSorted((a, b) => (a.begun < b.begun ? 1 : -1));
  let newerBytes = 0;
  for (const { path, size } of aside) {
    if (newerBytes >= KEPT_BYTES) silently(() => unlinkSync(path));
    newerBytes += size;
  }
}

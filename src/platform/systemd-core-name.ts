/** What the name of a core file tells that systemd-coredump(8) has kept. */
export interface SystemdCoreName {
  /** The kernel's name of the process. */
  readonly name: string;
  readonly uid: number;
  /** 32 digits of hexadecimal. */
  readonly bootId: string;
  readonly pid: number;
  readonly diedAt: Date;
}

/** Name, uid, boot id, pid, microseconds since 1970, and how it is compressed. */
const FORM = /^core\.(.+)\.(\d+)\.([0-9a-f]{32})\.(\d+)\.(\d+)(?:\.(?:zst|lz4|xz))?$/u;

/** `filename_escape()` of systemd's coredump.c writes dots, slashes, blanks and what cannot be printed as `\x2f`. */
const ESCAPE = /\\x([0-9a-f]{2})/gu;

/** Parses the name of a file in /var/lib/systemd/coredump; `undefined` for another name. */
// core.python3\x2e12.1000.1827be70bda44e3b9598c4aaf5ac32bc.588797.1717652311000000.zst
export function parseSystemdCoreName(fileName: string): SystemdCoreName | undefined {
  const [, name = '', uid, bootId = '', pid, microseconds] = FORM.exec(fileName) ?? [];
  if (name === '') return undefined;
  const bytes = Buffer.from(name).toString('latin1');
  const unescaped = bytes.replace(ESCAPE, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return {
    name: Buffer.from(unescaped, 'latin1').toString('utf8'),
    uid: Number(uid),
    bootId,
    pid: Number(pid),
    diedAt: new Date(Math.min(Number(microseconds) / 1000, LATEST_DATE)),
  };
}

/** The greatest time that a Date can hold, ECMA-262, "Time Values and Time Range". */
const LATEST_DATE = 8.64e15;

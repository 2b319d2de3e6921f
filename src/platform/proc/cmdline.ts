/**
 * The arguments of /proc/PID/cmdline; none for a kernel thread or a zombie. One empty last argument is kept
 * (`python3 -c ''`); two and more are dropped as the padding that a process leaves which rewrites its title.
 */
// python3\0-c\0import this\0
// nginx: worker process\0\0\0\0\0\0
export function parseCommandLine(text: string): readonly string[] {
  if (text === '') return [];
  const args = (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
  let used = args.length;
  while (used > 0 && args[used - 1] === '') used -= 1;
  return args.length - used >= 2 ? args.slice(0, used) : args;
}

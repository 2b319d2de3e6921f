/** The variables of /proc/PID/environ, as they were when the program began; of two with one name the first counts, as for getenv(). */
// PATH=/usr/bin\0HOME=/root\0
export function parseEnvironment(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const variable of text.split('\0')) {
    const equals = variable.indexOf('=');
    if (equals <= 0) continue;
    const name = variable.slice(0, equals);
    if (!variables.has(name)) variables.set(name, variable.slice(equals + 1));
  }
  return variables;
}

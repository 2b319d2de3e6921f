import { commentsOf } from './comments.ts';
import { type Check, type Finding, isTypeScript, type SourceText } from './source-text.ts';

/** `// check-errors-ignore: the words of PyStack, which scripts match` excuses its own line and the next one. */
const EXCEPTION = /^\/\/ (check-[a-z-]+)-ignore:(.*)$/;

/** Makes a check that takes exceptions with a reason, and refuses those without one and those that excuse nothing. */
export function withExceptions(name: string, check: Check): Check {
  return (files) => {
    const findings = check(files);
    const exceptions = files
      .filter(({ path }) => isTypeScript(path))
      .flatMap((file) => exceptionsIn(name, file));
    const isExcused = (finding: Finding): boolean =>
      exceptions.some((exception) => excuses(exception, finding));
    const idle = exceptions.filter((exception) => !findings.some((finding) => excuses(exception, finding)));
    const silent = exceptions.filter(({ reason }) => reason === '');
    return [
      ...findings.filter((finding) => !isExcused(finding)),
      ...idle.map(({ file, line }) => ({ file, line, rule: `the exception from ${name} excuses nothing` })),
      ...silent.map(({ file, line }) => ({
        file,
        line,
        rule: `the exception from ${name} gives its reason`,
      })),
    ];
  };
}

interface Exception {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

function exceptionsIn(name: string, file: SourceText): readonly Exception[] {
  // Comments are found by parsing, which is for the few files that may hold one.
  if (!file.text.includes(`// ${name}-ignore:`)) return [];
  return commentsOf(file).flatMap(({ text, line }) => {
    const [, check, reason] = EXCEPTION.exec(text) ?? [];
    return check === name ? [{ file: file.path, line, reason: (reason ?? '').trim() }] : [];
  });
}

function excuses({ file, line }: Exception, finding: Finding): boolean {
  return finding.file === file && (finding.line === line || finding.line === line + 1);
}

import { posix } from 'node:path';
import { commentsOf } from './comments.ts';
import { exportedThings } from './exported-things.ts';
import { GENERATED_PAGES, type GeneratedPage } from './generated-pages.ts';
import { markdownLinks } from './markdown-links.ts';
import { type Finding, isTypeScript, productSources, type SourceText } from './source-text.ts';

/** Refuses exports without a sentence, generated pages that are out of date, dead links, and paths that lead nowhere. */
export function checkDocs(files: readonly SourceText[]): readonly Finding[] {
  const paths = pathsWithFolders(files);
  return [
    ...productSources(files).flatMap(undocumentedExports),
    ...stalePages(files, GENERATED_PAGES),
    ...files.filter(({ path }) => path.endsWith('.md')).flatMap((file) => deadLinks(file, paths)),
    ...files.flatMap((file) => deadPaths(file, paths)),
  ];
}

function undocumentedExports(file: SourceText): readonly Finding[] {
  return exportedThings(file)
    .filter(({ comment }) => !/\w/.test(comment))
    .map(({ name, line }) => ({
      file: file.path,
      line,
      rule: `export ${name} has a doc comment of one sentence`,
    }));
}

/** Compares generated pages with what their source makes of them now. */
export function stalePages(
  files: readonly SourceText[],
  pages: readonly GeneratedPage[],
): readonly Finding[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return pages.flatMap(({ path, render }) => {
    const wanted = render().split('\n');
    const text = texts.get(path);
    if (text === undefined)
      return [{ file: path, line: 1, rule: 'the generated page is there: npm run make-docs' }];
    const found = text.split('\n');
    const length = Math.max(found.length, wanted.length);
    const at = Array.from({ length }, (_, index) => index).find((index) => found[index] !== wanted[index]);
    if (at === undefined) return [];
    return [{ file: path, line: at + 1, rule: 'the generated page equals its source: npm run make-docs' }];
  });
}

function deadLinks(file: SourceText, paths: ReadonlySet<string>): readonly Finding[] {
  return markdownLinks(file.text).flatMap(({ target, line }) => {
    const [relative] = target.split('#');
    if (relative === undefined || relative === '' || /^[a-z][a-z0-9+.-]*:|^\//i.test(relative)) return [];
    const path = withoutSlash(posix.join(posix.dirname(file.path), decodeURI(relative)));
    return paths.has(path)
      ? []
      : [{ file: file.path, line, rule: `the link leads to ${path}, which does not exist` }];
  });
}

// In backquotes a path may be a folder; outside of them, in a comment, only what ends like a file is surely one.
const QUOTED_PATH = /`((?:src|docs|test|scripts|bench)\/[^`\s]*)`/g;
const BARE_FILE =
  /(?<![\w./`])((?:src|docs|test|scripts|bench)\/[\w./-]+\.(?:ts|md|py|json|c|txt))(?![\w/`])/g;
/** A path with a placeholder or a pattern stands for many. */
const STANDS_FOR_MANY = /[*<>{}$…]|NNNN|\.\.\./;

function deadPaths(file: SourceText, paths: ReadonlySet<string>): readonly Finding[] {
  const texts = file.path.endsWith('.md')
    ? [{ text: file.text, line: 1, patterns: [QUOTED_PATH] }]
    : isTypeScript(file.path)
      ? commentsOf(file).map((comment) => ({ ...comment, patterns: [QUOTED_PATH, BARE_FILE] }))
      : [];
  return texts.flatMap(({ text, line: firstLine, patterns }) =>
    text.split('\n').flatMap((lineText, index) =>
      patterns
        .flatMap((pattern) => [...lineText.matchAll(pattern)])
        .map(([, path]) => withoutSlash((path ?? '').replace(/:\d+$/, '')))
        .filter((path) => !STANDS_FOR_MANY.test(path) && !paths.has(path))
        .map((path) => ({ file: file.path, line: firstLine + index, rule: `${path} does not exist` })),
    ),
  );
}

function pathsWithFolders(files: readonly SourceText[]): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { path } of files) {
    for (let at = path; at !== '.'; at = posix.dirname(at)) paths.add(at);
  }
  return paths;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

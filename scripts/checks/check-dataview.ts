import ts from 'typescript';
import {
  type Finding,
  isTypeScript,
  lineOf,
  parseSource,
  type SourceText,
  visitNodes,
} from './source-text.ts';

const READERS = ['src/base/byte-cursor.ts', 'src/base/struct-view.ts'];
const BUFFER_READ = /^read(Big)?(U?[iI]nt|Float|Double)(8|(16|32|64)?(LE|BE))$/;

/** Refuses a second way to take numbers out of bytes: `DataView` and `Buffer`'s own readers, outside the two readers. */
export function checkDataView(files: readonly SourceText[]): readonly Finding[] {
  return files
    .filter(({ path }) => isTypeScript(path) && !READERS.includes(path) && !path.startsWith('test/support/'))
    .flatMap(findingsOf);
}

function findingsOf(file: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  visitNodes(parseSource(file), (node) => {
    const what = readerNamed(node);
    if (what === undefined) return;
    const rule = `${what} only in base's ByteCursor and StructView`;
    findings.push({ file: file.path, line: lineOf(node), rule });
  });
  return findings;
}

function readerNamed(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && node.text === 'DataView') return 'DataView';
  if (ts.isIdentifier(node) && ts.isPropertyAccessExpression(node.parent) && BUFFER_READ.test(node.text)) {
    return node.text;
  }
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    const { text } = node.argumentExpression;
    return BUFFER_READ.test(text) ? text : undefined;
  }
  return undefined;
}

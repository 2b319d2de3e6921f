import ts from 'typescript';
import {
  type Finding,
  lineOf,
  parseSource,
  productSources,
  type SourceText,
  visitNodes,
} from './source-text.ts';

const COMPARISONS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);
const VERSION_PART = /^(major|minor|micro|hexversion|hexVersion|pyVersionHex|PY_VERSION_HEX)$/;
const VERSION_TEXT = /^(2\.7|3\.\d*)([a-z]+\d*)?(\.\d+)?$/;
const VERSION_NUMBER = /^0x0[23][0-9a-f]{2}([0-9a-f]{4})?$/i;
const VERSION_TEST =
  /(is)?(version|python)(is)?(atleast|atmost|before|below|newer|older)|^(isatleast|atleast)$/i;
const TEXT_TESTS: ReadonlySet<string> = new Set(['startsWith', 'includes', 'has', 'localeCompare']);

const RULE = 'Python versions are told apart only in src/cpython/layouts';

/** Refuses a comparison of Python versions outside the layouts: what differs between versions is a row there. */
export function checkVersions(files: readonly SourceText[]): readonly Finding[] {
  return productSources(files)
    .filter(({ path }) => !path.startsWith('src/cpython/layouts/'))
    .flatMap(findingsOf);
}

function findingsOf(file: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  visitNodes(parseSource(file), (node) => {
    if (tellsVersionsApart(node)) findings.push({ file: file.path, line: lineOf(node), rule: RULE });
  });
  return findings;
}

function tellsVersionsApart(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node) && COMPARISONS.has(node.operatorToken.kind)) {
    const sides = [node.left, node.right];
    return sides.some(isVersion) && !sides.some(isUndefined);
  }
  if (ts.isSwitchStatement(node)) return isVersion(node.expression);
  if (ts.isCaseClause(node)) return isVersion(node.expression);
  return ts.isCallExpression(node) && isVersionTest(node);
}

function isVersion(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isVersion(node.expression);
  if (ts.isStringLiteralLike(node)) return VERSION_TEXT.test(node.text);
  // The text of the literal, not its value: 781 is no version, 0x030d is.
  if (ts.isNumericLiteral(node)) return VERSION_NUMBER.test(node.getText().replaceAll('_', ''));
  const name = lastName(node);
  return name !== undefined && VERSION_PART.test(name);
}

function isUndefined(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && node.text === 'undefined';
}

function isVersionTest(call: ts.CallExpression): boolean {
  const name = lastName(call.expression);
  if (name === undefined) return false;
  if (VERSION_TEST.test(name)) return true;
  if (!TEXT_TESTS.has(name)) return false;
  const receiver = ts.isPropertyAccessExpression(call.expression) ? call.expression.expression : undefined;
  const listed = receiver !== undefined && ts.isArrayLiteralExpression(receiver) ? receiver.elements : [];
  return [...call.arguments, ...listed].some((part) => ts.isStringLiteralLike(part) && isVersion(part));
}

function lastName(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return undefined;
}

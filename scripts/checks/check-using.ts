import ts from 'typescript';
import {
  type Finding,
  isTypeScript,
  lineOf,
  parseSource,
  type SourceText,
  visitNodes,
} from './source-text.ts';

const RULE =
  '`using` whose errors are caught within the loop that it is in throws an old error again when it is built for Node.js 20: move it into a function';

/**
 * Refuses `using` in a `try` of the same loop. For a target without `using`, esbuild keeps the error of the block in a variable of
 * the whole function, which the next turn of the loop finds there still and throws again.
 */
export function checkUsing(files: readonly SourceText[]): readonly Finding[] {
  return files.filter(({ path }) => isTypeScript(path)).flatMap(findingsOf);
}

function findingsOf(file: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  visitNodes(parseSource(file), (node) => {
    if (ts.isVariableDeclarationList(node) && isUsing(node) && isCaughtInLoop(node))
      findings.push({ file: file.path, line: lineOf(node), rule: RULE });
  });
  return findings;
}

function isUsing({ flags }: ts.VariableDeclarationList): boolean {
  const kind = flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing;
}

/** Goes outwards up to the function: past a `try` that catches, and then a loop. */
function isCaughtInLoop(declaration: ts.Node): boolean {
  let isCaught = false;
  for (let node = declaration; !ts.isSourceFile(node) && !ts.isFunctionLike(node); node = node.parent) {
    const { parent } = node;
    if (ts.isTryStatement(parent) && parent.catchClause !== undefined && parent.tryBlock === node)
      isCaught = true;
    if (isCaught && ts.isIterationStatement(parent, false)) return true;
  }
  return false;
}

import ts from 'typescript';
import { visitNodes } from './source-text.ts';

/**
 * Lists where a file uses a global by its name, `globalThis.name` included. A name that the file declares
 * itself around the place (`const process = …`), a property of that name and a type are not uses of the global.
 */
export function globalUses(tree: ts.SourceFile, name: string): readonly ts.Node[] {
  const scopes: ts.Node[] = [];
  const mentions: ts.Identifier[] = [];
  const uses: ts.Node[] = [];
  visitNodes(tree, (node) => {
    if (isMemberOfGlobalThis(node, name)) uses.push(node);
    if (!ts.isIdentifier(node) || node.text !== name) return;
    const scope = declaredScope(node);
    if (scope !== undefined) scopes.push(scope);
    else if (isValueUse(node)) mentions.push(node);
  });
  const isGlobal = (mention: ts.Node): boolean => !scopes.some((scope) => isInside(mention, scope));
  return [...mentions.filter(isGlobal), ...uses];
}

function isMemberOfGlobalThis(node: ts.Node, name: string): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === name &&
    ts.isIdentifier(node.expression) &&
    (node.expression.text === 'globalThis' || node.expression.text === 'global')
  );
}

/** The part of the file in which an identifier that is the name of a declaration is known. */
function declaredScope(name: ts.Identifier): ts.Node | undefined {
  const { parent } = name;
  if (ts.isParameter(parent) && parent.name === name) return parent.parent;
  if (ts.isVariableDeclaration(parent) && parent.name === name) return scopeAround(parent);
  if (ts.isBindingElement(parent) && parent.name === name) return scopeAround(parent);
  const isOwnName =
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isImportClause(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent);
  if (isOwnName && parent.name === name) return scopeAround(parent.parent);
  if (ts.isFunctionExpression(parent) && parent.name === name) return parent;
  return undefined;
}

function scopeAround(node: ts.Node): ts.Node {
  let scope = node;
  while (!isScope(scope)) scope = scope.parent;
  return scope;
}

function isScope(node: ts.Node): boolean {
  return (
    ts.isSourceFile(node) ||
    ts.isBlock(node) ||
    ts.isFunctionLike(node) ||
    ts.isCatchClause(node) ||
    ts.isForStatement(node) ||
    ts.isForOfStatement(node) ||
    ts.isForInStatement(node) ||
    ts.isCaseBlock(node)
  );
}

/** Tells apart `console.log` and `{ console }` from `x.console`, `{ console: 1 }` and `typeof console` in a type. */
function isValueUse(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === name;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === name;
  if (ts.isBindingElement(parent)) return parent.initializer === name;
  if (ts.isJSDoc(parent) || ts.isTypeNode(parent) || ts.isQualifiedName(parent)) return false;
  if (ts.isTypeElement(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isClassElement(parent) && parent.name === name) return false;
  return !ts.isLabeledStatement(parent) && !ts.isNamedTupleMember(parent);
}

function isInside(node: ts.Node, scope: ts.Node): boolean {
  for (let at: ts.Node = node; at !== undefined; at = at.parent) {
    if (at === scope) return true;
    if (ts.isSourceFile(at)) return false;
  }
  return false;
}

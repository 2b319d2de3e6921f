import ts from 'typescript';
import { lineOf, parseSource, type SourceText, visitNodes } from './source-text.ts';

/** One mention of another module, in whatever form: `import`, `export … from`, `import()`, `require()`. */
export interface ModuleReference {
  /** What stands between the quotes; `undefined` when it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** Nothing of it is left at run time. */
  readonly isTypeOnly: boolean;
  /** Loaded when the call is reached, not before the file runs. */
  readonly isLazy: boolean;
}

/** Lists every mention of another module in a file, in the order of the text. */
export function moduleReferences(file: SourceText): readonly ModuleReference[] {
  const references: ModuleReference[] = [];
  visitNodes(parseSource(file), (node) => {
    const target = targetOf(node);
    if (target === undefined) return;
    references.push({
      specifier: ts.isStringLiteralLike(target.specifier) ? target.specifier.text : undefined,
      line: lineOf(node),
      isTypeOnly: target.isTypeOnly,
      isLazy: target.isLazy,
    });
  });
  return references;
}

interface Target {
  readonly specifier: ts.Node;
  readonly isTypeOnly: boolean;
  /** Loaded when the call is reached, not before the file runs. */
  readonly isLazy: boolean;
}

function targetOf(node: ts.Node): Target | undefined {
  if (ts.isImportDeclaration(node)) {
    return {
      specifier: node.moduleSpecifier,
      isTypeOnly: importsOnlyTypes(node.importClause),
      isLazy: false,
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return {
      specifier: node.moduleSpecifier,
      isTypeOnly: node.isTypeOnly || exportsOnlyTypes(node),
      isLazy: false,
    };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { specifier: node.moduleReference.expression, isTypeOnly: node.isTypeOnly, isLazy: false };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: node.argument.literal, isTypeOnly: true, isLazy: false };
  }
  if (ts.isCallExpression(node)) return targetOfCall(node);
  return undefined;
}

function targetOfCall(node: ts.CallExpression): Target | undefined {
  const specifier = node.arguments[0];
  if (specifier === undefined) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire =
    (ts.isIdentifier(node.expression) && node.expression.text === 'require') ||
    (ts.isPropertyAccessExpression(node.expression) &&
      ts.isIdentifier(node.expression.expression) &&
      node.expression.expression.text === 'require' &&
      node.expression.name.text === 'resolve');
  return isImport || isRequire ? { specifier, isTypeOnly: false, isLazy: true } : undefined;
}

function importsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function exportsOnlyTypes(node: ts.ExportDeclaration): boolean {
  const clause = node.exportClause;
  return (
    clause !== undefined &&
    ts.isNamedExports(clause) &&
    clause.elements.length > 0 &&
    clause.elements.every((element) => element.isTypeOnly)
  );
}

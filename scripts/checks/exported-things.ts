import ts from 'typescript';
import { lineOf, parseSource, type SourceText } from './source-text.ts';

/** A thing that a file exports, and the text of its doc comment without tags; empty when it has none. */
export interface ExportedThing {
  readonly name: string;
  readonly line: number;
  readonly comment: string;
}

/** Lists what a file itself declares and exports: functions, classes, interfaces, types and constants. */
export function exportedThings(file: SourceText): readonly ExportedThing[] {
  const tree = parseSource(file);
  const listed = namesInExportLists(tree);
  const things = new Map<string, ExportedThing>();
  for (const statement of tree.statements) {
    for (const name of declaredNames(statement)) {
      if (!hasExportKeyword(statement) && !listed.has(name)) continue;
      // Overloads share one comment, wherever it stands.
      const comment = things.get(name)?.comment || commentOf(statement);
      things.set(name, { name, line: things.get(name)?.line ?? lineOf(statement), comment });
    }
  }
  return [...things.values()];
}

function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed ? [statement.name?.text ?? 'default'] : [];
}

function hasExportKeyword(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function namesInExportLists(tree: ts.SourceFile): ReadonlySet<string> {
  const names = tree.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
    const clause = statement.exportClause;
    if (clause === undefined || !ts.isNamedExports(clause)) return [];
    return clause.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
  });
  return new Set(names);
}

function commentOf(statement: ts.Statement): string {
  const docs = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
  return docs
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join('\n')
    .trim();
}

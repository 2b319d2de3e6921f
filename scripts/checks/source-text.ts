import ts from 'typescript';

/** A file of the repository: its path from the root, with `/`, and its whole text. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** A place that breaks a rule, and the rule in words. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

/** A house rule as a program. It sees every text file of the repository and answers what breaks the rule. */
export type Check = (files: readonly SourceText[]) => readonly Finding[];

const parsed = new WeakMap<SourceText, ts.SourceFile>();

/** Parses a TypeScript file; the same file is parsed once, however many checks ask. */
export function parseSource(file: SourceText): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  parsed.set(file, tree);
  return tree;
}

/** The line that a node begins on, counted from 1. */
export function lineOf(node: ts.Node): number {
  const tree = node.getSourceFile();
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** Calls a function for every node below a root, parents first. */
export function visitNodes(root: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(root, (child) => {
    visit(child);
    visitNodes(child, visit);
  });
}

/** Tells whether a file is TypeScript of ours. */
export function isTypeScript(path: string): boolean {
  return path.endsWith('.ts');
}

/** Tells whether a file is a test that lies beside its source. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** The product's own sources: TypeScript below `src/` that is no test. */
export function productSources(files: readonly SourceText[]): readonly SourceText[] {
  return files.filter(({ path }) => path.startsWith('src/') && isTypeScript(path) && !isTest(path));
}

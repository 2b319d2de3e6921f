import ts from 'typescript';
import { parseSource, type SourceText, visitNodes } from './source-text.ts';

/** The classes below InspectorError, by name. */
export interface ErrorClasses {
  readonly all: ReadonlySet<string>;
  /** Those whose first argument is the whole message. */
  readonly messageTaking: ReadonlySet<string>;
}

const ROOT = 'InspectorError';

/** Finds every class that descends from InspectorError, in whichever file it lies. */
export function findErrorClasses(files: readonly SourceText[]): ErrorClasses {
  const declared = files.flatMap(classesIn);
  const all = new Set([ROOT]);
  const messageTaking = new Set([ROOT]);
  // Each round finds at least one class or is the last.
  for (let before = 0; before !== all.size; ) {
    before = all.size;
    for (const { name, base, constructorNode } of declared) {
      if (!all.has(base)) continue;
      all.add(name);
      if (messageTaking.has(base) && passesMessageOn(constructorNode)) messageTaking.add(name);
    }
  }
  return { all, messageTaking };
}

/** The calls of `super` in the constructors of a file's classes that descend from InspectorError. */
export function superCalls(file: SourceText, classes: ErrorClasses): readonly ts.CallExpression[] {
  return classesIn(file)
    .filter(({ base }) => classes.messageTaking.has(base))
    .flatMap(({ constructorNode }) => {
      const call = constructorNode === undefined ? undefined : superCallOf(constructorNode);
      return call === undefined ? [] : [call];
    });
}

interface ErrorClass {
  readonly name: string;
  readonly base: string;
  readonly constructorNode: ts.ConstructorDeclaration | undefined;
}

function classesIn(file: SourceText): readonly ErrorClass[] {
  const classes: ErrorClass[] = [];
  visitNodes(parseSource(file), (node) => {
    if (!ts.isClassDeclaration(node) || node.name === undefined) return;
    const base = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    if (base === undefined || !ts.isIdentifier(base.expression)) return;
    const constructorNode = node.members.find(ts.isConstructorDeclaration);
    classes.push({ name: node.name.text, base: base.expression.text, constructorNode });
  });
  return classes;
}

function passesMessageOn(constructorNode: ts.ConstructorDeclaration | undefined): boolean {
  if (constructorNode === undefined) return true;
  const passed = superCallOf(constructorNode)?.arguments[0];
  const first = constructorNode.parameters[0]?.name;
  return (
    passed !== undefined &&
    first !== undefined &&
    ts.isIdentifier(passed) &&
    ts.isIdentifier(first) &&
    passed.text === first.text
  );
}

function superCallOf(constructorNode: ts.ConstructorDeclaration): ts.CallExpression | undefined {
  let found: ts.CallExpression | undefined;
  visitNodes(constructorNode, (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) found ??= node;
  });
  return found;
}

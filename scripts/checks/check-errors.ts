import ts from 'typescript';
import { type ErrorClasses, findErrorClasses, superCalls } from './error-classes.ts';
import { isMessageOfForm, messageShapes } from './message-shape.ts';
import {
  type Finding,
  lineOf,
  parseSource,
  productSources,
  type SourceText,
  visitNodes,
} from './source-text.ts';

/** Built-in errors that mean a bug of ours, which no caller tells apart. */
const BUG_ERRORS: ReadonlySet<string> = new Set(['RangeError', 'TypeError']);

/** Refuses thrown things that are no InspectorError, and messages that are not *Cannot ⟨verb⟩ ⟨object⟩: ⟨state⟩*. */
export function checkErrors(files: readonly SourceText[]): readonly Finding[] {
  const sources = productSources(files);
  const classes = findErrorClasses(sources);
  return sources.flatMap((file) => [...throwFindings(file, classes), ...messageFindings(file, classes)]);
}

function throwFindings(file: SourceText, classes: ErrorClasses): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (node: ts.Node, rule: string): void => {
    findings.push({ file: file.path, line: lineOf(node), rule });
  };
  visitNodes(parseSource(file), (node) => {
    if (isPlainError(node)) report(node, 'an error is a subclass of InspectorError, never a plain Error');
    if (!ts.isThrowStatement(node)) return;
    for (const thrown of thrownParts(node.expression)) {
      const what = strangerName(thrown, classes);
      if (what !== undefined)
        report(thrown, `thrown is an InspectorError, a RangeError or a TypeError, not ${what}`);
    }
  });
  return findings;
}

function isPlainError(node: ts.Node): boolean {
  return (
    (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'Error'
  );
}

/** What a `throw` may throw: both sides of `a ? b : c` and of `a ?? b`. */
function thrownParts(node: ts.Expression): readonly ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return thrownParts(node.expression);
  if (ts.isConditionalExpression(node))
    return [...thrownParts(node.whenTrue), ...thrownParts(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return [...thrownParts(node.left), ...thrownParts(node.right)];
  return [node];
}

/** Names what may not be thrown; a variable or a call may be an error that was made elsewhere, where it is checked. */
function strangerName(node: ts.Expression, classes: ErrorClasses): string | undefined {
  if (ts.isNewExpression(node)) {
    const name = className(node);
    if (name === 'Error' || classes.all.has(name) || BUG_ERRORS.has(name)) return undefined;
    return name;
  }
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return 'a text';
  if (ts.isObjectLiteralExpression(node)) return 'an object literal';
  return undefined;
}

function messageFindings(file: SourceText, classes: ErrorClasses): readonly Finding[] {
  const messages = superCalls(file, classes).map((call) => call.arguments[0]);
  visitNodes(parseSource(file), (node) => {
    if (ts.isNewExpression(node) && classes.messageTaking.has(className(node)))
      messages.push(node.arguments?.[0]);
  });
  return messages.flatMap((message) => {
    const shapes = message === undefined ? undefined : messageShapes(message);
    if (message === undefined || shapes === undefined || shapes.every(isMessageOfForm)) return [];
    const rule = 'a message reads "Cannot <verb> <object>: <state>", without a full stop';
    return [{ file: file.path, line: lineOf(message), rule }];
  });
}

function className(node: ts.NewExpression): string {
  return ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : node.expression.getText();
}

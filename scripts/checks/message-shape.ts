import ts from 'typescript';

/** Stands in a message for a part that is known only at run time. */
const HOLE = '\uFFFC';

/**
 * The texts that an expression may make, with an object replacement character for every part that is computed;
 * `undefined` when the whole is, so that nothing can be said about it.
 */
export function messageShapes(node: ts.Expression): readonly string[] | undefined {
  if (ts.isParenthesizedExpression(node)) return messageShapes(node.expression);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map((span) => HOLE + span.literal.text).join('')];
  }
  if (ts.isConditionalExpression(node)) {
    const branches = [messageShapes(node.whenTrue), messageShapes(node.whenFalse)];
    return branches.some((shapes) => shapes !== undefined)
      ? branches.flatMap((shapes) => shapes ?? [])
      : undefined;
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [messageShapes(node.left), messageShapes(node.right)];
    if (left === undefined && right === undefined) return undefined;
    return (left ?? [HOLE]).flatMap((start) => (right ?? [HOLE]).map((end) => start + end));
  }
  return undefined;
}

const WITH_VERB = /^Cannot [a-z]+ \S.*: .*[^.\s]$/s;
// The verb and the object may be one computed part: `Cannot ${what}: …`.
const WITH_HOLE = new RegExp(`^Cannot ${HOLE}.*: .*[^.\\s]$`, 's');

/** Tells whether a message reads *Cannot ⟨verb⟩ ⟨object⟩: ⟨state⟩*, without a full stop at its end. */
export function isMessageOfForm(shape: string): boolean {
  return WITH_VERB.test(shape) || WITH_HOLE.test(shape);
}

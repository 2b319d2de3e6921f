/** Finds an element of the page by its id. */
export function part<Kind extends Element>(id: string, kind: { new (): Kind }): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`Cannot start the page: it has no ${id}`);
}

/** Makes an element with what is in it: texts stay texts, whatever they hold. */
export function make(tag: string, className: string, ...content: readonly (string | Node)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/** What a search looks for; a text that is no pattern stands for itself. */
export function patternOf(text: string): RegExp | undefined {
  if (text === '') return undefined;
  try {
    return new RegExp(text, 'iu');
  } catch {
    return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`), 'iu');
  }
}

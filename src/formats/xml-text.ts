import { escapeForTerminal } from '../base/escaping.ts';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Makes a text safe within XML and HTML, as content or attribute. Controls, which XML cannot hold at all, are escaped. */
export function xmlText(text: string): string {
  return escapeForTerminal(text)
    .replaceAll(/[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll(/[&<>"']/gu, (character) => ENTITIES.get(character) ?? character);
}

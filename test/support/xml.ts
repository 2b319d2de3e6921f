/** What may stand between the parts of XML that we write. */
const PART =
  /<\?[^?]*\?>|<!--(?:(?!--)[\s\S])*-->|<!\[CDATA\[(?:(?!\]\]>)[\s\S])*\]\]>|<\/([\w-]+)>|<([\w-]+)((?:\s+[\w:-]+="[^"<&]*(?:&(?:amp|lt|gt|quot|#39);[^"<&]*)*")*)\s*(\/?)>|[^<&]+|&(?:amp|lt|gt|quot|#39);/uy;

/** The names of the elements of an XML text, each once. Throws where it is not well-formed. */
export function wellFormedTags(xml: string): readonly string[] {
  const open: string[] = [];
  const names = new Set<string>();
  PART.lastIndex = 0;
  for (let at = 0; at < xml.length; at = PART.lastIndex) {
    const match = PART.exec(xml);
    if (match === null) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 60)}`);
    const [, closed, opened, , isEmpty] = match;
    if (closed !== undefined && open.pop() !== closed)
      throw new Error(`</${closed}> at ${at} closes nothing`);
    if (opened !== undefined) {
      names.add(opened);
      if (isEmpty === '') open.push(opened);
    }
  }
  if (open.length > 0) throw new Error(`<${open.join('> <')}> stay open`);
  return [...names];
}

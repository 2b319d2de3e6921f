/**
 * Makes a pattern that matches whole texts out of one with `*` (any characters), `?` (one) and `[abc]`, `[!abc]` (one of
 * these, none of these), as Python's fnmatch has them.
 */
export function globPattern(glob: string): RegExp {
  const source = glob.replaceAll(/\[(!?)([^\]]+)\]|[\s\S]/gu, (part, not: string, characters?: string) => {
    if (characters !== undefined) return `[${not === '' ? '' : '^'}${escapeClass(characters)}]`;
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[\\^$.|+()[\]{}/]/u, String.raw`\$&`);
  });
  // Several stars in a row mean the same as one, and would take a pattern ages to try.
  return new RegExp(`^${source.replaceAll(/(?:\.\*)+/g, '.*')}$`, 'su');
}

function escapeClass(characters: string): string {
  // A dash stays: it makes a range, as in `[a-z]`, unless the range is upside down.
  return /([^-])-([^-])/u.test(characters) && !hasInvertedRange(characters)
    ? characters.replaceAll(/[\\^[]/gu, String.raw`\$&`)
    : characters.replaceAll(/[\\^[-]/gu, String.raw`\$&`);
}

function hasInvertedRange(characters: string): boolean {
  return [...characters.matchAll(/(.)-(.)/gu)].some(([, first = '', last = '']) => first > last);
}

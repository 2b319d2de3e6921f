/** One part of a scope, its length before it: `3mod_`. */
const SCOPE = /^([1-9]\d*)/u;

const COUNTED_NAME = /^\d+([^\W\d]\w*)$/u;
const NAME = /^\d*([^\W\d]\w*)$/u;
const PLAIN_NAME = /^([^\W\d]\w*)$/u;

/**
 * What stands behind the scopes of each kind of function (Cython/Compiler/Naming.py): the entry of a `def` always has a
 * counter, its body has one mostly, a `cdef` has none.
 */
const KINDS: Readonly<Record<string, RegExp>> = {
  __pyx_pw_: COUNTED_NAME,
  __pyx_pf_: NAME,
  __pyx_f_: PLAIN_NAME,
};

/** Longer names are left: the ways to read one are tried out. */
const MAX_CHARACTERS = 512;

/**
 * Reads the Python name out of that of a function which Cython made: `mod.Class.method` of `__pyx_pw_3mod_5Class_1method`.
 * `undefined` for other names, and where it could be read in two ways: the fifth function of a module may be called
 * `Class_method`.
 */
export function decodeCythonName(symbol: string): string | undefined {
  if (symbol.length > MAX_CHARACTERS) return undefined;
  const prefix = Object.keys(KINDS).find((each) => symbol.startsWith(each));
  const last = prefix === undefined ? undefined : KINDS[prefix];
  if (prefix === undefined || last === undefined) return undefined;
  // What compilers put behind a name: `.constprop.0`, `.cold`.
  const [name = '', ...suffixes] = symbol.slice(prefix.length).split('.');
  const readings = readingsOf(name, last).filter((parts) => parts.length > 1);
  const [only, ...others] = last === NAME ? readings : readings.slice(0, 1);
  if (only === undefined || others.length > 0) return undefined;
  return [only.join('.'), ...suffixes].join('.');
}

/** The ways to read a name, those with most scopes first. */
function readingsOf(rest: string, last: RegExp): readonly (readonly string[])[] {
  const readings: (readonly string[])[] = [];
  const scope = takeScope(rest);
  if (scope !== undefined)
    for (const inner of readingsOf(scope.rest, last)) readings.push([scope.name, ...inner]);
  const name = last.exec(rest)?.[1];
  if (name !== undefined) readings.push([name]);
  return readings;
}

function takeScope(text: string): { readonly name: string; readonly rest: string } | undefined {
  const digits = SCOPE.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const end = digits.length + Number(digits);
  const name = text.slice(digits.length, end);
  return text[end] === '_' && PLAIN_NAME.test(name) ? { name, rest: text.slice(end + 1) } : undefined;
}

/** A band of hues, in degrees, of saturations and of lightnesses, in per cent. */
interface Band {
  readonly hue: readonly [number, number];
  readonly saturation: number;
  readonly lightness: readonly [number, number];
}

/** What code is drawn as: warm what is one's own, cold what others have written. All are light enough for black text. */
export const ORIGIN_COLORS = {
  own: { title: 'own code', hue: [16, 46], saturation: 88, lightness: [62, 71] },
  package: { title: 'packages', hue: [192, 218], saturation: 62, lightness: [66, 76] },
  standard: { title: 'standard library', hue: [92, 136], saturation: 45, lightness: [66, 75] },
  native: { title: 'native', hue: [262, 296], saturation: 48, lightness: [72, 80] },
  other: { title: 'other', hue: [210, 210], saturation: 8, lightness: [76, 84] },
} as const satisfies Readonly<Record<string, Band & { readonly title: string }>>;

/** Whose code is drawn. */
export type ColoredOrigin = keyof typeof ORIGIN_COLORS;

/** In the order in which legends have them. */
export const COLORED_ORIGINS = [
  'own',
  'package',
  'standard',
  'native',
  'other',
] as const satisfies readonly ColoredOrigin[];

/** The colour of a function: always the same, and within the band of its origin. */
export function frameColor(origin: ColoredOrigin, name: string): string {
  const { hue, saturation, lightness } = ORIGIN_COLORS[origin];
  const hash = hashOf(name);
  return hexColor(
    between(hue, (hash & 0xff) / 255),
    saturation,
    between(lightness, ((hash >>> 8) & 0xff) / 255),
  );
}

/** The colour in the middle of the band of an origin, for legends. */
export function originColor(origin: ColoredOrigin): string {
  const { hue, saturation, lightness } = ORIGIN_COLORS[origin];
  return hexColor(between(hue, 0.5), saturation, between(lightness, 0.5));
}

/** From blue, of what shrank by `MOST_GAIN` of the whole or more, over light grey to red, of what grew so. */
export function gainColor(gain: number): string {
  const strength = Math.min(1, Math.sqrt(Math.abs(gain) / MOST_GAIN));
  return hexColor(gain > 0 ? 8 : 214, 88 * strength, 88 - 28 * strength);
}

/** A tenth of all time is as red as it gets. */
const MOST_GAIN = 0.1;

/** What the colours of a difference mean. */
export function gainLegend(): readonly { readonly title: string; readonly color: string }[] {
  return [
    { title: 'has grown', color: gainColor(MOST_GAIN) },
    { title: 'is as it was', color: gainColor(0) },
    { title: 'has shrunk', color: gainColor(-MOST_GAIN) },
  ];
}

/** FNV-1a of 32 bits over UTF-16, stirred so that names that differ at the end differ in all bits. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function between([first, last]: readonly [number, number], part: number): number {
  return first + (last - first) * part;
}

/** HSL to `#rrggbb`, which every program that draws SVG understands; CSS Color 4, section 7. */
function hexColor(hue: number, saturation: number, lightness: number): string {
  const reach = (saturation / 100) * Math.min(lightness / 100, 1 - lightness / 100);
  const channel = (offset: number): string => {
    const at = (offset + hue / 30) % 12;
    const value = lightness / 100 - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

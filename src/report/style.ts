/** Gives a run of text an appearance. What it returns holds the same text, so widths are measured before. */
export type Paint = (text: string) => string;

/** How a report marks its parts. A painted run is never painted again: terminals do not nest attributes. */
export interface Style {
  readonly bold: Paint;
  readonly faint: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
}

const asItIs: Paint = (text) => text;

/** Marks nothing: for files, pipes and `NO_COLOR`. */
export const PLAIN: Style = {
  bold: asItIs,
  faint: asItIs,
  red: asItIs,
  green: asItIs,
  yellow: asItIs,
  blue: asItIs,
};

/** Marks by ECMA-48 SGR codes, one attribute a run: `ESC[33m text ESC[0m`. */
export const ANSI: Style = {
  bold: paint(1),
  faint: paint(2),
  red: paint(31),
  green: paint(32),
  yellow: paint(33),
  blue: paint(34),
};

function paint(attribute: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${attribute}m${text}\u001b[0m`);
}

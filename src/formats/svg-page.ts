import type { FlameBox } from './flame-boxes.ts';
import { FLAME_SVG_SCRIPT, FLAME_SVG_STYLE } from './generated/page-scripts.ts';
import { fittingText } from './page-model/box-geometry.ts';
import { xmlText } from './xml-text.ts';

/** A box with what is written in it and said of it. */
interface DrawnBox extends FlameBox {
  readonly label: string;
  /** What is said of it beside its label. */
  readonly value: string;
  readonly color: string;
}

/** Boxes below each other, and what is written above. */
export interface Drawing {
  readonly title: string;
  readonly subtitle: string;
  readonly producer: string;
  /** What the colours mean. */
  readonly legend: readonly { readonly title: string; readonly color: string }[];
  /** The first is the whole; each comes after the one that it hangs on. */
  readonly boxes: readonly DrawnBox[];
}

/** Of a picture that nothing runs in. In a browser it is as wide as the window. */
const WIDTH = 1200;
const MARGIN = 10;
const ROW = 16;
/** Where the first row of boxes begins. */
const TOP = 74;
const CHARACTER = 7.3;

/** Writes boxes as SVG that is complete without a script, and can be zoomed and searched where scripts run. */
export function* svgParts(drawing: Drawing): Generator<string> {
  const rows = drawing.boxes.reduce((most, { depth }) => Math.max(most, depth + 1), 1);
  const height = TOP + rows * ROW + MARGIN;
  yield `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">
<!-- ${xmlText(drawing.producer).replaceAll('--', '- -')} -->
<style>${FLAME_SVG_STYLE}</style>
<text id="heading" class="title" x="${MARGIN}" y="24"><title>${xmlText(drawing.title)}</title>${xmlText(fittingText(drawing.title, 92))}</text>
<text id="details" class="faint" x="${MARGIN}" y="44">${xmlText(drawing.subtitle)}</text>
`;
  yield* legendParts(drawing.legend);
  yield `<text id="reset" class="hidden end" data-end="" x="${WIDTH - MARGIN}" y="64">reset zoom (Esc)</text>
<text id="matched" class="end" data-end="" x="${WIDTH - MARGIN}" y="44"/>
<foreignObject id="controls" x="${WIDTH - MARGIN - 210}" y="6" width="210" height="26"/>
<g id="frames">
`;
  for (const box of drawing.boxes) yield boxPart(box, drawing.boxes[0]?.width ?? 1);
  yield `</g>\n<script><![CDATA[${FLAME_SVG_SCRIPT}]]></script>\n</svg>\n`;
}

function* legendParts(legend: Drawing['legend']): Generator<string> {
  let x = MARGIN;
  for (const { title, color } of legend) {
    yield `<rect x="${x}" y="54" width="11" height="11" fill="${color}"/><text class="faint" x="${x + 16}" y="64">${xmlText(title)}</text>\n`;
    x += 34 + Math.ceil(title.length * CHARACTER);
  }
}

function boxPart({ label, value, color, start, width, depth }: DrawnBox, whole: number): string {
  const scale = (WIDTH - 2 * MARGIN) / Math.max(whole, Number.MIN_VALUE);
  const [x, wide, y] = [MARGIN + start * scale, width * scale, TOP + depth * ROW];
  const text = fittingText(label, Math.floor((wide - 6) / CHARACTER));
  return `<g data-x="${rounded(start)} ${rounded(width)}" data-d="${depth}"><title>${xmlText(label)} — ${xmlText(value)}</title><rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.2, wide - 0.5).toFixed(1)}" height="${ROW - 1}" fill="${color}" rx="1"/><text x="${(x + 3).toFixed(1)}" y="${y + 11.5}">${xmlText(text)}</text></g>\n`;
}

/** Counts are whole, shares are not. */
function rounded(value: number): string {
  return `${Number(value.toPrecision(9))}`;
}

import { COLORED_ORIGINS, originColor } from './frame-color.ts';
import { PAGE_STYLE } from './generated/page-scripts.ts';
import { xmlText } from './xml-text.ts';

/** A page of views that can be opened one at a time; what is markup is said so. */
export interface HtmlPage {
  readonly title: string;
  readonly producer: string;
  /** The ids of their sections, and what they are called. */
  readonly views: readonly (readonly [id: string, name: string])[];
  /** Markup of what stands before the search. */
  readonly tools: string;
  readonly legend: readonly { readonly title: string; readonly color: string }[];
  /** Markup of the sections. */
  readonly sections: string;
  /** What the script finds as JSON. */
  readonly data: object;
  readonly script: string;
}

/** Markup of the section with the flame graph, which every page has. */
export const FLAME_SECTION =
  '<section id="flame" role="tabpanel"><div id="flame-host" class="flame-host"></div></section>';

/** Markup of the section with the table of functions, likewise. */
export const FUNCTIONS_SECTION = `<section id="functions-view" role="tabpanel" hidden>
<div class="scroll"><table id="functions"></table></div>
<div class="sandwich"><h2>Callers of <span id="chosen" class="name"></span></h2><div id="callers" class="flame-host"></div><h2>What it calls</h2><div id="callees" class="flame-host"></div></div>
</section>`;

const KEYS = [
  ['/ or Ctrl-F', 'search, by a regular expression'],
  ['arrows, Enter', 'walk through the flame graph, zoom'],
  ['Esc', 'forget search and zoom'],
  ['f', 'outermost calls at the top or at the bottom'],
  ['t', 'light or dark'],
  ['click, double click', 'zoom into a box, open its function'],
] as const;

/** Writes a page that loads nothing, part by part. */
export function* htmlPageParts(page: HtmlPage): Generator<string> {
  const title = xmlText(page.title);
  const { views } = page;
  const keys = [[`1 … ${views.length}`, 'the views'], ...KEYS];
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${xmlText(page.producer)}">
<title>${title}</title>
<style>${PAGE_STYLE}${originStyles()}</style>
</head>
<body>
<header>
<h1 title="${title}">${title}</h1>
<nav role="tablist">${views.map(([id, name]) => `<button type="button" role="tab" data-view="${id}">${name}</button>`).join('')}</nav>
<div class="tools">
${page.tools}<input id="search" type="search" placeholder="search (/ or Ctrl-F)" aria-label="search">
<span id="matched"></span>
<button id="upright" type="button" title="f">icicle ▼</button>
<button id="theme" type="button" title="t">◐</button>
<button id="show-help" type="button" title="?">?</button>
<span class="legend">${page.legend.map(legendItem).join('')}</span>
</div>
</header>
<main>
${page.sections}
</main>
<div id="status" role="status"></div>
<dialog id="help"><h2>Keys</h2><dl>${keys.map(([key, what]) => `<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`).join('')}</dl><form method="dialog"><button>close</button></form></dialog>
<script id="data" type="application/json">`;
  // In a script nothing but its end tag is markup; HTML, section 4.12.1.3.
  yield JSON.stringify(page.data).replaceAll('<', String.raw`\u003c`);
  yield `</script>\n<script>${page.script}</script>\n</body>\n</html>\n`;
}

function legendItem({ title, color }: HtmlPage['legend'][number]): string {
  return `<span><i class="dot" style="background:${color}"></i>${title}</span>`;
}

function originStyles(): string {
  return COLORED_ORIGINS.map((origin) => `.dot.${origin}{background:${originColor(origin)}}`).join('');
}

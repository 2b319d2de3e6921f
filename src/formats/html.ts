import type { Profile } from '../profile/profile.ts';
import { type FormatOptions, type ProfileFormat, titleOf } from './format.ts';
import { ORIGIN_COLORS, originColor } from './frame-color.ts';
import { LIVE_PAGE_SCRIPT, PAGE_SCRIPT, PAGE_STYLE } from './generated/page-scripts.ts';
import { pageContent } from './page-content.ts';
import { xmlText } from './xml-text.ts';

/** Everything in one page without a network: flame graph, functions with callers and callees, timeline, hot lines. */
export const html: ProfileFormat = {
  name: 'html',
  aliases: ['page'],
  endings: ['.html', '.htm'],
  rootsProcesses: true,
  summary: 'one page with everything: flame graph, functions, timeline, hot lines',
  write: htmlPage,
};

const VIEWS = [
  ['flame', 'Flame graph'],
  ['functions-view', 'Functions'],
  ['timeline', 'Timeline'],
  ['lines-view', 'Lines'],
  ['about', 'About'],
] as const;

const KEYS = [
  ['1 … 5', 'the views'],
  ['/ or Ctrl-F', 'search, by a regular expression'],
  ['arrows, Enter', 'walk through the flame graph, zoom'],
  ['Esc', 'forget search and zoom'],
  ['f', 'outermost calls at the top or at the bottom'],
  ['t', 'light or dark'],
  ['click, double click', 'zoom into a box, open its function'],
] as const;

/** The page, part by part. */
export function* htmlPage(profile: Profile, options: FormatOptions): Generator<string> {
  const title = xmlText(titleOf(profile, options));
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${xmlText(options.producer)}">
<title>${title}</title>
<style>${PAGE_STYLE}${originStyles()}</style>
</head>
<body>
<header>
<h1 title="${title}">${title}</h1>
<nav role="tablist">${VIEWS.map(([id, name]) => `<button type="button" role="tab" data-view="${id}">${name}</button>`).join('')}</nav>
<div class="tools">
<select id="threads" aria-label="thread"></select>
<input id="search" type="search" placeholder="search (/ or Ctrl-F)" aria-label="search">
<span id="matched"></span>
<button id="upright" type="button" title="f">icicle ▼</button>
<button id="theme" type="button" title="t">◐</button>
<button id="show-help" type="button" title="?">?</button>
<span class="legend">${legend()}</span>
</div>
</header>
<main>
<section id="flame" role="tabpanel"><div id="flame-host" class="flame-host"></div></section>
<section id="functions-view" role="tabpanel" hidden>
<div class="scroll"><table id="functions"></table></div>
<div class="sandwich"><h2>Callers of <span id="chosen" class="name"></span></h2><div id="callers" class="flame-host"></div><h2>What it calls</h2><div id="callees" class="flame-host"></div></div>
</section>
<section id="timeline" role="tabpanel" hidden><p class="faint">Colours are the functions that were seen most in each span of time; lanes are as high as the thread ran on a CPU.</p><div id="lanes"></div></section>
<section id="lines-view" role="tabpanel" hidden><select id="files" aria-label="file"></select><table id="lines"></table></section>
<section id="about" role="tabpanel" hidden><dl id="account"></dl></section>
</main>
<div id="status" role="status"></div>
<dialog id="help"><h2>Keys</h2><dl>${KEYS.map(([key, what]) => `<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`).join('')}</dl><form method="dialog"><button>close</button></form></dialog>
<script id="data" type="application/json">`;
  // In a script nothing but its end tag is markup; HTML, section 4.12.1.3.
  yield JSON.stringify(pageContent(profile, options)).replaceAll('<', String.raw`\u003c`);
  yield `</script>\n<script>${options.isLive === true ? LIVE_PAGE_SCRIPT : PAGE_SCRIPT}</script>\n</body>\n</html>\n`;
}

function originStyles(): string {
  return origins()
    .map((origin) => `.dot.${origin}{background:${originColor(origin)}}`)
    .join('');
}

function legend(): string {
  return origins()
    .map((origin) => `<span><i class="dot ${origin}"></i>${ORIGIN_COLORS[origin].title}</span>`)
    .join('');
}

function origins() {
  return ['own', 'package', 'standard', 'native', 'other'] as const;
}

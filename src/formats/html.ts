import type { Profile } from '../profile/profile.ts';
import { differencePage } from './difference-html.ts';
import { type FormatOptions, type ProfileFormat, titleOf } from './format.ts';
import { COLORED_ORIGINS, ORIGIN_COLORS, originColor } from './frame-color.ts';
import { LIVE_PAGE_SCRIPT, PAGE_SCRIPT } from './generated/page-scripts.ts';
import { FLAME_SECTION, FUNCTIONS_SECTION, type HtmlPage, htmlPageParts } from './html-page.ts';
import { pageContent } from './page-content.ts';

/** Everything in one page without a network: flame graph, functions with callers and callees, timeline, hot lines; or a difference. */
export const html: ProfileFormat = {
  name: 'html',
  aliases: ['page'],
  endings: ['.html', '.htm'],
  rootsProcesses: true,
  comparesProfiles: true,
  summary: 'one page with everything: flame graph, functions, timeline, hot lines',
  write: (profile, options) =>
    htmlPageParts(
      options.baseline === undefined
        ? profilePage(profile, options)
        : differencePage(options.baseline, profile, options),
    ),
};

/** The page of a profile that is being recorded, which asks for what is new. */
export function livePageParts(profile: Profile, options: FormatOptions): Iterable<string> {
  return htmlPageParts({ ...profilePage(profile, options), script: LIVE_PAGE_SCRIPT });
}

const VIEWS = [
  ['flame', 'Flame graph'],
  ['functions-view', 'Functions'],
  ['timeline', 'Timeline'],
  ['lines-view', 'Lines'],
  ['about', 'About'],
] as const;

const SECTIONS = `${FLAME_SECTION}
${FUNCTIONS_SECTION}
<section id="timeline" role="tabpanel" hidden><p class="faint">Colours are the functions that were seen most in each span of time; lanes are as high as the thread ran on a CPU.</p><div id="lanes"></div></section>
<section id="lines-view" role="tabpanel" hidden><select id="files" aria-label="file"></select><table id="lines"></table></section>
<section id="about" role="tabpanel" hidden><dl id="account"></dl></section>`;

function profilePage(profile: Profile, options: FormatOptions): HtmlPage {
  return {
    title: titleOf(profile, options),
    producer: options.producer,
    views: VIEWS,
    tools: '<select id="threads" aria-label="thread"></select>\n',
    legend: COLORED_ORIGINS.map((origin) => ({
      title: ORIGIN_COLORS[origin].title,
      color: originColor(origin),
    })),
    sections: SECTIONS,
    data: pageContent(profile, options),
    script: PAGE_SCRIPT,
  };
}

import { readFileSync } from 'node:fs';
import { buildSync, transformSync } from 'esbuild';

const BROWSER = 'src/formats/browser';

/** What runs in the pages that `src/formats` writes: by the name of the constant its file. */
const PARTS: Readonly<Record<string, string>> = {
  DIFFERENCE_PAGE_SCRIPT: 'difference-page.ts',
  FLAME_SVG_SCRIPT: 'flame-svg.ts',
  FLAME_SVG_STYLE: 'flame-svg.css',
  LIVE_PAGE_SCRIPT: 'live-page.ts',
  PAGE_SCRIPT: 'page.ts',
  PAGE_STYLE: 'page.css',
};

/** Compiles what runs in pages to a module of texts, so that the pages can be written without a file to read. */
export function renderPageScripts(): string {
  rendered ??= render();
  return rendered;
}

/** esbuild takes a tenth of a second, and each check of the documents asks for it. */
let rendered: string | undefined;

function render(): string {
  const constants = Object.entries(PARTS).map(
    ([name, file]) =>
      `/** What ${file} compiles to. */\nexport const ${name} =\n  ${JSON.stringify(compiled(file))};\n`,
  );
  return `// Made by \`npm run make-docs\`.\n\n${constants.join('\n')}`;
}

function compiled(file: string): string {
  const path = `${BROWSER}/${file}`;
  if (file.endsWith('.css'))
    return transformSync(readFileSync(path, 'utf8'), { loader: 'css', minify: true }).code.trim();
  const { outputFiles } = buildSync({
    entryPoints: [path],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  // What would end the element that the script stands in, in XML and in HTML.
  return (outputFiles[0]?.text ?? '').trim().replaceAll(']]>', ']] >').replaceAll('</', String.raw`<\/`);
}

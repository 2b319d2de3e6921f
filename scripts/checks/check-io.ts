import { globalUses } from './global-names.ts';
import { moduleReferences } from './module-references.ts';
import { mayDoIo } from './room-imports.ts';
import { type Finding, lineOf, parseSource, productSources, type SourceText } from './source-text.ts';

const IO_MODULES =
  /^(node:)?(fs|fs\/promises|child_process|worker_threads|process|console|net|tls|http|https|http2|dgram|dns)$|^koffi$/;
const IO_GLOBALS = ['process', 'console', 'fetch', 'WebSocket', 'EventSource'];

/** What runs in a browser: its network is that of the page. */
const IN_PAGES = 'src/formats/browser/';

/**
 * Refuses files, the network, processes, workers, FFI, `process` and `console` outside platform, cli/main.ts and scripts of
 * pages; types may pass.
 */
export function checkIo(files: readonly SourceText[]): readonly Finding[] {
  const sources = productSources(files).filter(({ path }) => !mayDoIo(path) && !path.startsWith(IN_PAGES));
  return sources.flatMap((file) => [...moduleFindings(file), ...globalFindings(file)]);
}

function moduleFindings(file: SourceText): readonly Finding[] {
  return moduleReferences(file).flatMap(({ specifier, line, isTypeOnly }) => {
    if (isTypeOnly || specifier === undefined || !IO_MODULES.test(specifier)) return [];
    return [{ file: file.path, line, rule: `only platform and cli/main.ts may use ${specifier}` }];
  });
}

function globalFindings(file: SourceText): readonly Finding[] {
  return IO_GLOBALS.flatMap((name) =>
    globalUses(parseSource(file), name).map((use) => ({
      file: file.path,
      line: lineOf(use),
      rule: `only platform and cli/main.ts may use the global ${name}`,
    })),
  );
}

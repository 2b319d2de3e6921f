import type { TopView } from '../../src/report/top-view.ts';

/** Makes the view that `pyflight top` begins with. */
export function makeTopView(changes: Partial<TopView> = {}): TopView {
  return {
    sort: 'own',
    mode: 'cpu',
    modes: ['cpu', 'wall', 'gil', 'gil-wait', 'exception'],
    byFunction: false,
    byTask: undefined,
    filter: undefined,
    thread: undefined,
    search: '',
    isSearching: false,
    isPaused: false,
    isHelpShown: false,
    skipped: 0,
    delayMs: 1000,
    mostRows: 50,
    ...changes,
  };
}

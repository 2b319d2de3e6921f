import type { PageData } from '../page-model/page-data.ts';

/** How often who serves the page is asked for what is new. */
const EVERY_MS = 2000;

/** Asks for what was recorded since, while somebody can see it, until the recording has ended. */
export function followRecording(show: (data: PageData) => void, ended: () => void): void {
  let tag = '';
  const timer = setInterval(ask, EVERY_MS);

  async function ask(): Promise<void> {
    if (document.hidden) return;
    try {
      const answer = await fetch(`data${location.search}`, {
        headers: { 'If-None-Match': tag },
        cache: 'no-store',
      });
      if (answer.status !== 200) return;
      tag = answer.headers.get('ETag') ?? '';
      show(await answer.json());
    } catch {
      clearInterval(timer);
      ended();
    }
  }
}

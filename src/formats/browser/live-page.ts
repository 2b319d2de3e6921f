/** What runs in the page of a profile while that is recorded: all that runs in any, and what asks for more. */
import { endRecording, refresh } from './page.ts';

/** How often who serves the page is asked for what is new. */
const EVERY_MS = 2000;

let tag = '';
const timer = setInterval(ask, EVERY_MS);

/** Asks for what was recorded since, while somebody can see it, until the recording has ended. */
async function ask(): Promise<void> {
  if (document.hidden) return;
  try {
    const options = { headers: { 'If-None-Match': tag }, cache: 'no-store' } as const;
    const answer = await fetch(`data${location.search}`, options);
    if (answer.status !== 200) return;
    tag = answer.headers.get('ETag') ?? '';
    refresh(await answer.json());
  } catch {
    clearInterval(timer);
    endRecording();
  }
}

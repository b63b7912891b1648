import { html } from 'hono/html';
import type { Site } from '../services.ts';
import { type Html, layout } from './layout.ts';

/** A page that says why there is no other. */
export function errorPage(
  site: Site,
  { title, detail, hint }: { title: string; detail: string; hint: string | undefined },
): Html {
  return layout(
    site,
    { title, narrow: true },
    html`<h1>${title}</h1>
<p>${sentence(detail)}</p>
${hint ? html`<p class="soft">${sentence(hint)}</p>` : ''}
<p><a href="${site.base}/">Go to the start</a></p>`,
  );
}

/** Messages are written to stand behind a program's name; on a page they stand alone. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

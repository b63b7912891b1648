import { html } from 'hono/html';
import { type Html, layout } from '../pages/layout.ts';
import type { Site } from '../services.ts';
import { schemaText } from './schema.ts';

const example = `{
  projects {
    id
    name
    sessions(limit: 5) {
      id
      title
      updatedAt
      metadata { agentName gitBranches tags }
    }
  }
}`;

/** A page to try queries on. The schema reads without script. */
export function explorerPage(site: Site): Html {
  const address = `${site.base}/api/v1/graphql`;
  return layout(
    site,
    { title: 'GraphQL' },
    html`<h1>GraphQL</h1>
<p class="soft">Queries go to <code>${address}</code>, as JSON with <code>query</code> and <code>variables</code>.
It needs a token with the scope sessions:read, from <a href="${site.base}/tokens">your tokens</a>; the token stays in this page.</p>
<form id="explorer" data-address="${address}">
<label>Token
<input id="token" type="password" autocomplete="off" spellcheck="false" required></label>
<label>Query <small>Ctrl Enter runs it</small>
<textarea id="query" rows="16" spellcheck="false" required>${example}</textarea></label>
<label>Variables
<textarea id="variables" rows="3" spellcheck="false">{}</textarea></label>
<button>Run</button>
</form>
<pre id="answer" class="wide" role="status" aria-live="polite"></pre>
<h2>Schema</h2>
<pre class="wide">${schemaText.trim()}</pre>
<script src="${address}/explorer.js" defer></script>`,
  );
}

/** The policy of that page: its own script, which talks to this server only. */
export const explorerPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The script of the page. An answer is shown as text. */
export const explorerScript = `
const form = document.getElementById('explorer');
const answer = document.getElementById('answer');
const value = (id) => document.getElementById(id).value;
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  answer.textContent = '…';
  try {
    const variables = JSON.parse(value('variables').trim() || '{}');
    const response = await fetch(form.dataset.address, {
      method: 'POST',
      headers: { Authorization: 'Bearer ' + value('token').trim(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: value('query'), variables }),
      credentials: 'omit',
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
});
document.getElementById('query').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
`;

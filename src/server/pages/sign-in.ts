import { html } from 'hono/html';
import type { Site } from '../services.ts';
import { type Html, layout, problemLine } from './layout.ts';

interface SignInForm {
  /** The page to go to afterwards. */
  readonly next: string;
  readonly name?: string | undefined;
  readonly problem?: string | undefined;
}

export function signInPage(site: Site, { next, name = '', problem }: SignInForm): Html {
  return layout(
    site,
    { title: 'Sign in', narrow: true },
    html`<h1>Sign in</h1>
${problemLine(problem)}
<form class="card" method="post" action="${site.base}/signin">
<input type="hidden" name="next" value="${next}">
<label>Name <input type="text" name="name" value="${name}" autocomplete="username" autocapitalize="none" required autofocus></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p class="soft">Accounts are made by whoever runs this server.</p>`,
  );
}

export function setUpPage(
  site: Site,
  form: { key: string; name?: string | undefined; problem?: string | undefined },
): Html {
  return layout(
    site,
    { title: 'Set up', narrow: true },
    html`<h1>Set up this server</h1>
<p class="soft">The first account manages the server. This link works once.</p>
${problemLine(form.problem)}
<form class="card" method="post" action="${site.base}/setup">
<input type="hidden" name="setup" value="${form.key}">
<label>Name <small>letters, digits and . _ @ + -</small>
<input type="text" name="name" value="${form.name ?? ''}" autocomplete="username" autocapitalize="none" required autofocus maxlength="64"></label>
<label>Password <small>at least 10 characters</small>
<input type="password" name="password" autocomplete="new-password" required minlength="10" maxlength="200"></label>
<button>Make the account</button>
</form>`,
  );
}

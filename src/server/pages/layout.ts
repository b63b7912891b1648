import { html } from 'hono/html';
import type { Site } from '../services.ts';

/** HTML that is safe to send: values in it were escaped. */
export type Html = ReturnType<typeof html>;

interface Frame {
  readonly title: string;
  /** Who is signed in, and the key that its forms bring along. */
  readonly visitor?: { readonly name: string; readonly formKey: string } | undefined;
  /** A page that is one small form. */
  readonly narrow?: boolean;
}

/** The frame of every page. It reads and works without script. */
export function layout(site: Site, { title, visitor, narrow }: Frame, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · specstory</title>
<link rel="stylesheet" href="${site.base}/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header>
<a class="name" href="${site.base}/">specstory</a>
${visitor ? navigation(site, visitor) : ''}
</header>
<main${narrow ? html` class="narrow"` : ''}>
${content}
</main>
</body>
</html>`;
}

function navigation({ base }: Site, { name, formKey }: { name: string; formKey: string }): Html {
  return html`<a href="${base}/">Projects</a>
<a href="${base}/tokens">Tokens</a>
<span>${name}</span>
<form method="post" action="${base}/signout">${keyField(formKey)}<button class="quiet">Sign out</button></form>`;
}

/** The field that shows that a form was made for the session that sends it. */
export function keyField(formKey: string): Html {
  return html`<input type="hidden" name="key" value="${formKey}">`;
}

/** What went wrong with the form that was sent, above it. */
export function problemLine(problem: string | undefined): Html | '' {
  return problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`;
}

/** A day, for people; the whole time is in the title. */
export function dayOf(time: number): Html {
  const iso = new Date(time).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 10)}</time>`;
}

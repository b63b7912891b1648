import { html } from 'hono/html';
import type { Site } from '../services.ts';
import type { DeviceRequest } from '../store/account-store.ts';
import { type Html, keyField, layout, problemLine } from './layout.ts';

interface Visitor {
  readonly name: string;
  readonly formKey: string;
}

/** Asks for the code that a program shows. */
export function deviceCodePage(site: Site, visitor: Visitor, problem?: string): Html {
  return layout(
    site,
    { title: 'Connect a device', visitor, narrow: true },
    html`<h1>Connect a device</h1>
<p class="soft">Type the code that <code>specstory login</code> shows.</p>
${problemLine(problem)}
<form class="card" method="post" action="${site.base}/device">
${keyField(visitor.formKey)}
<label>Code <input type="text" name="user_code" placeholder="XXXX-XXXX" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus></label>
<button>Continue</button>
</form>`,
  );
}

/** Says who asks, and lets the person decide. */
export function deviceApprovalPage(site: Site, visitor: Visitor, request: DeviceRequest, code: string): Html {
  return layout(
    site,
    { title: 'Connect a device', visitor, narrow: true },
    html`<h1>Connect this device?</h1>
<p>Allow it only if you have just started this sign-in yourself, and your terminal shows the same code.</p>
<form class="card" method="post" action="${site.base}/device/decide">
<div class="code">${code}</div>
<dl>
<dt>Program</dt><dd>${request.client}</dd>
<dt>Computer</dt><dd>${request.hostname || 'not said'}</dd>
<dt>Address</dt><dd>${request.address}</dd>
<dt>Account</dt><dd>${visitor.name}</dd>
<dt>It may</dt><dd>push, read and search sessions, and share them</dd>
</dl>
${keyField(visitor.formKey)}
<input type="hidden" name="user_code" value="${code}">
<div class="row">
<button name="decision" value="allow">Allow</button>
<button class="plain" name="decision" value="deny">Deny</button>
</div>
</form>`,
  );
}

export function deviceDonePage(site: Site, visitor: Visitor, allowed: boolean): Html {
  const title = allowed ? 'The device is connected' : 'The device was turned away';
  return layout(
    site,
    { title, visitor, narrow: true },
    html`<h1>${title}</h1>
<p>${allowed ? 'Go back to your terminal: it goes on by itself.' : 'It got no access.'} You can close this page.</p>`,
  );
}

/** The page that SpecStory's own command line opens: a code to type there. */
export function specstoryCodePage(site: Site, visitor: Visitor, code: string | undefined, minutes: number): Html {
  const offer = html`<form class="card" method="post" action="${site.base}/cli-login">
${keyField(visitor.formKey)}
<p>A code lets the SpecStory command line on your machine act as <strong>${visitor.name}</strong>. Ask for one only if you started its login yourself.</p>
<button>Show a code</button>
</form>`;
  const shown = html`<div class="card">
<p>Type this code into the SpecStory command line. It is good once, for ${minutes} minutes; capital letters matter.</p>
<div class="code">${code}</div>
</div>`;
  return layout(
    site,
    { title: 'Sign in from the command line', visitor, narrow: true },
    html`<h1>Sign in from the command line</h1>
${code === undefined ? offer : shown}`,
  );
}

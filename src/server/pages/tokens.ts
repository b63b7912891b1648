import { html } from 'hono/html';
import { scopes } from '../access.ts';
import { deviceName } from '../accounts/tokens.ts';
import type { Site } from '../services.ts';
import type { Device, StoredToken } from '../store/account-store.ts';
import { dayOf, type Html, keyField, layout, problemLine } from './layout.ts';

interface Visitor {
  readonly name: string;
  readonly formKey: string;
}

const meanings: Readonly<Record<(typeof scopes)[number], string>> = {
  'capture:write': 'push sessions',
  'sessions:read': 'read sessions',
  'search:read': 'search',
  'share:write': 'share and annotate',
  admin: 'manage tokens and members',
};

interface TokensView {
  readonly tokens: readonly StoredToken[];
  readonly devices: readonly (Device & { readonly lastUsed: string | undefined })[];
  /** The token that was just made. */
  readonly made?: string | undefined;
  readonly problem?: string | undefined;
}

/** Tokens and devices of an account: list, make, revoke. */
export function tokensPage(site: Site, visitor: Visitor, view: TokensView): Html {
  return layout(
    site,
    { title: 'Tokens', visitor },
    html`<h1>Tokens</h1>
<p class="soft">For programs that cannot sign in, such as continuous integration.</p>
${problemLine(view.problem)}
${view.made === undefined ? '' : madeCard(view.made)}
${view.tokens.length === 0 ? '' : tokenTable(site, visitor, view.tokens)}
${newTokenForm(site, visitor)}
<h2>Devices that are signed in</h2>
${view.devices.length === 0 ? html`<p class="soft">None.</p>` : deviceTable(site, visitor, view.devices)}`,
  );
}

function madeCard(token: string): Html {
  return html`<div class="card"><p>Copy this token now: it is not shown again.</p><code class="token">${token}</code></div>`;
}

function tokenTable(site: Site, visitor: Visitor, tokens: readonly StoredToken[]): Html {
  return html`<div class="table"><table>
<thead><tr><th>Name</th><th>May</th><th>Last used</th><th>Expires</th><th></th></tr></thead>
<tbody>${tokens.map(
    ({ id, name, scopes: may, lastUsed, expires }) => html`<tr>
<td>${name}</td><td>${may.map((scope) => meanings[scope]).join(', ')}</td><td>${lastUsed ?? 'never'}</td><td>${dayOf(expires)}</td>
<td>${revokeForm(site, visitor, 'token', id, 'Revoke')}</td></tr>`,
  )}</tbody>
</table></div>`;
}

function deviceTable(site: Site, visitor: Visitor, devices: TokensView['devices']): Html {
  return html`<div class="table"><table>
<thead><tr><th>Device</th><th>Signed in</th><th>Last used</th><th></th></tr></thead>
<tbody>${devices.map(
    (device) => html`<tr>
<td>${deviceName(device)}</td><td>${dayOf(device.created)}</td><td>${device.lastUsed ?? 'never'}</td>
<td>${revokeForm(site, visitor, 'device', device.id, 'Sign out')}</td></tr>`,
  )}</tbody>
</table></div>`;
}

function revokeForm({ base }: Site, { formKey }: Visitor, what: 'token' | 'device', id: string, label: string): Html {
  return html`<form method="post" action="${base}/tokens/revoke">${keyField(formKey)}
<input type="hidden" name="${what}" value="${id}"><button class="danger">${label}</button></form>`;
}

function newTokenForm(site: Site, visitor: Visitor): Html {
  return html`<form class="card" method="post" action="${site.base}/tokens">
${keyField(visitor.formKey)}
<h2>A new token</h2>
<label>Name <small>what it is for</small><input type="text" name="name" required maxlength="100"></label>
<fieldset><legend>It may</legend>
${scopes.map((scope) => html`<label><input type="checkbox" name="${scope}" value="yes"> ${meanings[scope]} <code class="soft">${scope}</code></label>`)}
</fieldset>
<label>Expires after <select name="days">
<option value="7">7 days</option><option value="30">30 days</option><option value="90" selected>90 days</option><option value="366">a year</option>
</select></label>
<button>Make a token</button>
</form>`;
}

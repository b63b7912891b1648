import { html } from 'hono/html';
import type { Site } from '../services.ts';
import type { Membership } from '../store/account-store.ts';
import { type Html, keyField, layout } from './layout.ts';

interface Visitor {
  readonly name: string;
  readonly formKey: string;
}

interface Listed extends Membership {
  readonly sessions: number | undefined;
}

/** The projects of an account, and those it was invited to. */
export function projectsPage(
  site: Site,
  visitor: Visitor,
  server: string,
  {
    projects,
    invitations,
  }: { projects: readonly Listed[]; invitations: readonly (Membership & { ownerName: string })[] },
): Html {
  return layout(
    site,
    { title: 'Projects', visitor },
    html`<h1>Projects</h1>
${invitations.map((invitation) => invitationCard(site, visitor, invitation))}
${projects.length === 0 ? noProjects(server) : projectTable(projects)}`,
  );
}

function projectTable(projects: readonly Listed[]): Html {
  return html`<div class="table"><table>
<thead><tr><th>Project</th><th>Your role</th><th>Sessions</th></tr></thead>
<tbody>${projects.map(
    ({ id, name, role, sessions }) =>
      html`<tr><td>${name}${name === id ? '' : html` <span class="soft">${id}</span>`}</td><td>${role}</td><td>${sessions ?? '–'}</td></tr>`,
  )}</tbody>
</table></div>`;
}

function noProjects(server: string): Html {
  return html`<div class="empty"><p>Nothing was pushed yet. In a repository on your machine:</p>
<pre>specstory login ${server}
specstory sync</pre></div>`;
}

function invitationCard(
  site: Site,
  visitor: Visitor,
  { key, id, role, ownerName }: Membership & { ownerName: string },
): Html {
  return html`<form class="card" method="post" action="${site.base}/invitations">
${keyField(visitor.formKey)}
<input type="hidden" name="project" value="${key}">
<p><strong>${ownerName}</strong> invites you to the project <strong>${id}</strong> as ${role}.
<span class="soft">If you accept and have no project of that id yourself, what you push under it goes there, where its members can read it.</span></p>
<div class="row">
<button name="decision" value="accept">Accept</button>
<button class="plain" name="decision" value="decline">Decline</button>
</div>
</form>`;
}

import type { Database, Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText, isObject } from '../../core/json.ts';
import { columnJson, itemValue, tablesOf, withDatabase } from '../database.ts';
import { canonical } from '../document-store.ts';

type Fields = { readonly [key: string]: unknown };

/** A conversation that lies whole in the database of one workspace, as all did until the end of 2024. */
export interface InlineConversation {
  readonly id: string;
  readonly kind: 'tab' | 'composer';
  readonly value: Fields;
}

const keys = {
  chats: 'workbench.panel.aichat.view.aichat.chatdata',
  composers: 'composer.composerData',
  /** One row per pane; its keys name the conversations shown in it. From the first (included) to the second. */
  panes: ['workbench.panel.composerChatViewPane.', 'workbench.panel.composerChatViewPane/'],
  pane: 'workbench.panel.aichat.view.',
} as const;

/** What the database of one workspace says: which conversations belong to it, and the ones that it holds itself. */
export interface WorkspaceList {
  /** Milliseconds of the last change, where known, by conversation. */
  readonly listed: ReadonlyMap<string, number | undefined>;
  readonly inline: readonly InlineConversation[];
}

/** Reads the lists of one workspace. Throws `unavailable` when its database is damaged. */
export function workspaceList(host: Host, path: string): WorkspaceList {
  return withDatabase(host, path, (database) => {
    if (!tablesOf(database).has('ItemTable')) return { listed: new Map(), inline: [] };
    const composers = asObject(itemValue(database, keys.composers));
    const heads = asArray(composers.allComposers).map(asObject);
    const listed = new Map<string, number | undefined>();
    const named = [composers.selectedComposerIds, composers.lastFocusedComposerIds].flatMap(asArray);
    for (const id of [composers.selectedComposerId, ...named, ...inPanes(database)])
      if (typeof id === 'string') listed.set(id, undefined);
    for (const head of heads) {
      const id = asText(head.composerId);
      if (id !== undefined) listed.set(id, asNumber(head.lastUpdatedAt) ?? asNumber(head.createdAt));
    }
    return { listed, inline: [...inlineComposers(heads), ...tabs(database)] };
  });
}

/** Which version of an inline conversation this is: its row is rewritten for every change of the window. */
export function inlineVersion({ value }: InlineConversation): string {
  const [record] = canonical([{ value }]);
  return digest(record?.text ?? '').slice(0, 16);
}

function inlineComposers(heads: readonly Fields[]): InlineConversation[] {
  return heads.flatMap((value) => {
    const id = asText(value.composerId);
    return id === undefined || asArray(value.conversation).length === 0 ? [] : [{ id, kind: 'composer', value }];
  });
}

function tabs(database: Database): InlineConversation[] {
  return asArray(asObject(itemValue(database, keys.chats)).tabs).flatMap((tab) => {
    const value = asObject(tab);
    const id = asText(value.tabId);
    return id === undefined || asArray(value.bubbles).length === 0 ? [] : [{ id, kind: 'tab', value }];
  });
}

function inPanes(database: Database): string[] {
  const sql = 'SELECT CAST(value AS BLOB) AS value FROM ItemTable WHERE key >= ? AND key < ?';
  const panes = [...database.rows(sql, keys.panes)].map(({ value }) => columnJson(value)).filter(isObject);
  const names = panes.flatMap((pane) => Object.keys(pane)).filter((name) => name.startsWith(keys.pane));
  return names.map((name) => name.slice(keys.pane.length));
}

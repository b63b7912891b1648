import type { Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asArray, asObject, asText } from '../../core/json.ts';
import { attempt, isDatabase, itemValue, tablesOf, withDatabase } from '../database.ts';
import { isSession } from './session-document.ts';

type Fields = { readonly [key: string]: unknown };

/** A session in the database of a workspace, where all were until 2024. */
export interface InteractiveSession {
  readonly id: string;
  /** Which version of it this is: all sessions are in one row. */
  readonly version: string;
  readonly value: Fields;
}

/** The sessions in a `state.vscdb`; none when it is missing, damaged, or of a later version. */
export function interactiveSessions(host: Host, path: string): InteractiveSession[] {
  if (!isDatabase(host, path)) return [];
  const stored = attempt(() =>
    withDatabase(host, path, (database) =>
      tablesOf(database).has('ItemTable') ? itemValue(database, 'interactive.sessions') : undefined,
    ),
  );
  return asArray(stored).flatMap((session) => {
    const value = asObject(session);
    const id = asText(value.sessionId);
    if (id === undefined || !isSession(value) || asArray(value.requests).length === 0) return [];
    return [{ id, version: digest(JSON.stringify(value)).slice(0, 16), value }];
  });
}

import type { JsonObject } from '../../core/json.ts';
import { asText } from '../../core/json.ts';
import { wireProject, wireSession } from '../specstory/wire.ts';
import type { Membership } from '../store/account-store.ts';
import type { Asker, Known } from './asker.ts';
import { textsIn } from './filters.ts';
import { type SessionArguments, sessionsOf } from './select-sessions.ts';

// What the types of the schema resolve to: fields by name; those that cost something are functions.

export function projectView(asker: Asker, row: Membership): object {
  return {
    ...wireProject(row, row),
    role: row.role,
    createdAt: new Date(row.created).toISOString(),
    updatedAt: new Date(row.updated ?? row.created).toISOString(),
    sessionCount: async () => (await asker.sessions(row)).length,
    sessions: async (given: SessionArguments) => {
      const { page } = await sessionsOf(asker, [row], given);
      return page.map(({ row: of, known }) => sessionView(asker, of, known));
    },
  };
}

export function sessionView(asker: Asker, row: Membership, { session, tags }: Known): object {
  return {
    ...wireSession(session, row),
    title: session.title ?? session.name,
    metadata: metadataView(session.metadata, tags),
    project: () => projectView(asker, row),
    markdownContent: () => asker.markdown(row, session),
  };
}

export function metadataView(metadata: JsonObject, tags: readonly string[]): object {
  return {
    clientName: asText(metadata.clientName) ?? null,
    clientVersion: asText(metadata.clientVersion) ?? null,
    agentName: asText(metadata.agentName) ?? null,
    deviceId: asText(metadata.deviceId) ?? null,
    llmModels: textsIn(metadata, 'llmModels'),
    gitBranches: textsIn(metadata, 'gitBranches'),
    tags: [...new Set([...textsIn(metadata, 'tags'), ...tags])],
    all: metadata,
  };
}

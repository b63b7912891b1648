import { type SessionId, sessionId } from '../core/ids.ts';
import { asObject, asText } from '../core/json.ts';

/** What a `composerData` says of its conversation, apart from the messages. */
interface ComposerFacts {
  readonly title: string | undefined;
  readonly cwd: string | undefined;
  readonly branch: string | undefined;
  readonly parent: SessionId | undefined;
  readonly model: string | undefined;
  /** Times at which something happened, in whatever form. */
  readonly at: readonly unknown[];
}

/** Reads the fields of a `composerData` that say something of the conversation as a whole. */
export function composerFacts(value: { readonly [key: string]: unknown }): ComposerFacts {
  const parent = asText(asObject(value.subagentInfo).parentComposerId);
  return {
    title: asText(value.name),
    cwd: asText(asObject(asObject(value.workspaceIdentifier).uri).fsPath),
    branch: asText(value.createdOnBranch) ?? asText(asObject(value.activeBranch).branchName),
    parent: parent === undefined ? undefined : sessionId(parent),
    model: asText(asObject(value.modelConfig).modelName) ?? billed(value.usageData),
    at: [value.createdAt, value.lastUpdatedAt],
  };
}

/** The model of a conversation that used one only. */
function billed(usage: unknown): string | undefined {
  const models = Object.keys(asObject(usage));
  return models.length === 1 ? asText(models[0]) : undefined;
}

import { agentIdSchema } from '../../core/session.ts';

export const codexId = agentIdSchema.parse('codex');

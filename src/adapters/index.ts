import type { Adapter } from './adapter.ts';
import { claude } from './claude/index.ts';
import { codex } from './codex/index.ts';
import { copilotide } from './copilotide/index.ts';
import { cursor } from './cursor/index.ts';
import { cursoride } from './cursoride/index.ts';
import { gemini } from './gemini/index.ts';

/** Every agent we read: the one list that a new one is added to. */
export const adapters: readonly Adapter[] = [claude, codex, copilotide, cursor, cursoride, gemini];

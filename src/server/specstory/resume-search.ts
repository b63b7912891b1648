import { asText } from '../../core/json.ts';
import { compareText } from '../../core/text.ts';
import type { ListedSession } from './listed-sessions.ts';
import { foldText, parseResumeQuery, type ResumeQuery, snippetOf } from './resume-query.ts';
import type { SpecstorySessions } from './sessions.ts';
import { isResumable } from './wire.ts';

interface ResumeHit {
  readonly project: string;
  readonly session: ListedSession;
  /** The hit stands between 0x02 and 0x03. */
  readonly snippet: string;
}

/** Sessions that can be continued, by what was said in them. */
export interface ResumeSearch {
  /** Newest first, at most `most`. `isComplete` says whether everything was looked at. */
  search(
    projects: readonly string[],
    query: string,
    most: number,
  ): Promise<{ readonly hits: readonly ResumeHit[]; readonly isComplete: boolean }>;
}

/** Milliseconds and bytes after which a search says what it has found so far. */
const bounds = { time: 2000, bytes: 64 << 20 } as const;

/** Reads names and texts one after the other, the newest first: honest about what it had no time for. */
export class ReadingSearch implements ResumeSearch {
  private readonly sessions: SpecstorySessions;

  constructor(sessions: SpecstorySessions) {
    this.sessions = sessions;
  }

  async search(projects: readonly string[], text: string, most: number) {
    const query = parseResumeQuery(text);
    const hits: ResumeHit[] = [];
    if (!query) return { hits, isComplete: true };
    const until = Date.now() + bounds.time;
    let left: number = bounds.bytes;
    for (const { project, session } of await this.candidates(projects)) {
      if (hits.length >= most || Date.now() > until || left <= 0) return { hits, isComplete: false };
      const body = (await this.sessions.read(project, session, 'markdown'))?.toString('utf8') ?? '';
      left -= body.length;
      const snippet = found(query, session, body);
      if (snippet !== undefined) hits.push({ project, session, snippet });
    }
    return { hits, isComplete: true };
  }

  private async candidates(projects: readonly string[]) {
    const all: { project: string; session: ListedSession }[] = [];
    for (const project of projects) {
      const resumable = (await this.sessions.list(project)).filter(isResumable);
      all.push(...resumable.map((session) => ({ project, session })));
    }
    return all.sort((a, b) => compareText(b.session.updated, a.session.updated));
  }
}

function found(query: ResumeQuery, { name, title, metadata }: ListedSession, body: string): string | undefined {
  const names = [title, asText(metadata.title), name].filter((one) => one !== undefined).join('\n');
  const [foldedNames, folded] = [foldText(names), foldText(body)];
  if (!query.terms.every((term) => term.test(foldedNames) || term.test(folded))) return undefined;
  return snippetOf(query, body, folded) ?? snippetOf(query, names, foldedNames);
}

import { basename } from 'node:path';
import { exchangeFile, sessionPath } from '../../core/layout.ts';
import { type Answer, ask } from '../../search/ask.ts';
import type { Explain, Hit, HitGroup, Page, Scope } from '../../search/search-index.ts';
import type { Context } from '../context.ts';
import { type History, withHistory } from '../history/open-history.ts';
import { contextPack } from './context-pack.ts';
import { type LocalIndex, localProject, type Progress, withLocalIndex } from './local-index.ts';

export interface SearchOptions extends Page {
  /** With what is hidden. */
  readonly all?: boolean | undefined;
  readonly explain?: boolean | undefined;
  /** Tokens of a context pack, about; none is made without. */
  readonly pack?: number | undefined;
  /** Where in git the exchanges are that were found. */
  readonly paths?: boolean | undefined;
  readonly progress?: Progress | undefined;
}

export interface Searched extends Answer {
  readonly explain: Explain | undefined;
  /** Quotes of what was found, to be given to an agent; when it was asked for. */
  readonly pack: string | undefined;
  /** `<commit>:<path>`, for `git show`; when they were asked for. */
  readonly paths: readonly string[];
}

/** Searches everybody's history as it is known in this clone, without a server. Throws `usage` for a cursor that is none. */
export async function searchHistory(context: Context, text: string, options: SearchOptions): Promise<Searched> {
  const { all = false, progress = () => {} } = options;
  return withLocalIndex(context, progress, async (local) => {
    const scope = scopeOf(context, local, all);
    const now = Date.now();
    const answer = await ask(local.index, text, scope, options, now);
    const hits = answer.result.groups.flatMap((group) => group.hits);
    const explain = options.explain ? await local.index.explain(answer.query, scope, now) : undefined;
    // Others may have written it: what is shown is checked by this machine's rules.
    const result = { ...answer.result, groups: answer.result.groups.map((group) => masked(context, group)) };
    const read = options.pack !== undefined || options.paths;
    if (!read || hits.length === 0) return { ...answer, result, explain, pack: undefined, paths: [] };
    const sessions = [...new Set(hits.map(({ session }) => session))];
    return withHistory(
      context,
      async (history) => ({
        ...answer,
        result,
        explain,
        pack: options.pack === undefined ? undefined : await contextPack(context, history, text, hits, options.pack),
        paths: options.paths ? hits.flatMap((hit) => pathOf(history, hit)) : [],
      }),
      { sessions },
    );
  });
}

/** A snippet in which a secret was found is shown without marks. */
function masked({ redactor }: Context, group: HitGroup): HitGroup {
  const hits = group.hits.map((hit) => {
    const text = hit.snippet.pieces.map((piece) => piece.text).join('');
    const clean = redactor.value(text);
    return clean === text ? hit : { ...hit, snippet: { ...hit.snippet, pieces: [{ text: clean, isMatch: false }] } };
  });
  return { ...group, title: redactor.value(group.title), hits };
}

function scopeOf({ repository }: Context, { me }: LocalIndex, hidden: boolean): Scope {
  const names = ['.', basename(repository.root)];
  return { projects: [{ key: localProject, names, hidden }], me };
}

function pathOf({ sessions }: History, { session, exchange }: Hit): string[] {
  const copies = sessions.find(({ meta }) => meta.id === session)?.copies ?? [];
  for (const { entries, tip } of copies) {
    const entry = entries.find(({ id }) => id === exchange);
    if (entry) return [`${tip.oid}:${sessionPath(session)}/${exchangeFile(entry.ordinal, exchange)}`];
  }
  return [];
}

import { reason } from '../../core/errors.ts';
import { counted } from '../../core/text.ts';
import { tips } from '../../git/read.ts';
import { knownWriter } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { placementOf } from './clone-mark.ts';
import { divergences } from './divergence.ts';
import type { History } from './open-history.ts';
import { knownRollbacks } from './rollbacks.ts';

/** Something about the histories that a person should know. */
export interface Warning {
  readonly text: string;
  /** What to do about it. */
  readonly hint: string;
}

/** What is wrong with the histories that are known here. Reads only. */
export async function warningsOf(context: Context, history: History): Promise<Warning[]> {
  return [...(await copyWarnings(context)), ...rollbackWarnings(context), ...problemWarnings(history)];
}

async function copyWarnings(context: Context): Promise<Warning[]> {
  try {
    const writer = context.isInitialised ? await knownWriter(context) : undefined;
    if (!writer) return [];
    if (placementOf(context, writer) === 'copied') {
      const hint = 'run: specstory capture, which makes it a writer of its own';
      return [{ text: `this repository is a copy of the clone of writer ${writer}`, hint }];
    }
    const found = await divergences(context, await tips(context.repository), writer);
    const hint =
      'a copy of this repository pushes under its name; run: specstory capture, which gives this one a new name';
    return found.map(({ remote }) => ({
      text: `${remote} has another history of writer ${writer} than this clone`,
      hint,
    }));
  } catch (thrown) {
    return [{ text: reason(thrown), hint: 'specstory doctor tells more' }];
  }
}

function rollbackWarnings(context: Context): Warning[] {
  return knownRollbacks(context).map(({ at, ref, from, to }) => ({
    text: `rollback: ${ref} was ${to === '' ? 'deleted' : 'set back or rewritten'} by its remote, seen ${at.slice(0, 10)}; what it had is kept`,
    hint: `look with: git log ${from.slice(0, 12)}`,
  }));
}

function problemWarnings(history: History): Warning[] {
  const problems = history.problems();
  const [first] = problems;
  if (!first) return [];
  const text = `${counted(problems.length, 'thing')} in the histories passed over: ${first.path}: ${first.reason}`;
  return [{ text, hint: 'specstory list tells them all; their writers may have a newer version' }];
}

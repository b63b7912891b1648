import { type AgentId, digest, type SessionId, sessionId } from '../core/ids.ts';
import { agentOf } from '../core/provider.ts';
import { instant, oneLine, storable } from '../core/text.ts';

/** What a SpecStory document and its file name say of the session. */
interface SpecstoryHead {
  readonly id: SessionId;
  readonly agent: AgentId;
  readonly createdAt: string | undefined;
  readonly title: string | undefined;
}

const time = String.raw`\d{4}-\d\d-\d\d[ T_]\d\d[:-]\d\d(?:[:-]\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?`;
const source = new RegExp(String.raw`^<!-- (.+?) Session (\S.*?)(?: \((${time})\))? -->\s*$`, 'm');
const heading = new RegExp(String.raw`^#{1,2} (.*?)(?: ?\((${time})\))?[ \t]*$`, 'm');
const stamp = /(?:^|_)(\d{4}-\d\d-\d\d_\d\d-\d\d(?:-\d\d)?(?:Z|[+-]\d{4})?)/;

/**
 * The head of a document. Old documents name no session, so their file name stands for it, and print the local time
 * without saying so, so the file name, which is in UTC, gives the start.
 */
export function readHead(head: string, stem: string): SpecstoryHead {
  const [, provider, id, at] = source.exec(head) ?? [];
  const title = heading.exec(head)?.[1]?.trim() ?? '';
  const named = stamp.exec(stem)?.[1];
  return {
    id: sessionId(id === undefined ? `specstory-${digest(stem).slice(0, 16)}` : storable(id)),
    agent: agentOf(provider ?? ''),
    createdAt: (at === undefined ? undefined : readTime(at)) ?? (named === undefined ? undefined : readTime(named)),
    title: title === '' || new RegExp(`^${time}$`).test(title) ? undefined : oneLine(storable(title), 200),
  };
}

/** A time as any version writes it; without a zone it is taken for UTC, as in file names. */
function readTime(text: string): string | undefined {
  const [, day, hour, minute, rest = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[ T_](\d\d)[:-](\d\d)(?:[:-](\d\d(?:\.\d+)?))?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  return instant(`${day}T${hour}:${minute}:${rest || '00'}${offset}`);
}

/** Who speaks from here on. */
export interface Speaker {
  readonly role: 'user' | 'agent';
  readonly model: string | undefined;
  readonly at: string | undefined;
}

const speaker = /^_\*\*(User|Agent|Assistant)( - sidechain)?(?: \((.*)\))?\*\*_[ \t]*$/;
const lastTime = new RegExp(`(?:^| )(${time})$`);

/** The speaker that a line announces. In its brackets the time stands last, because a model's name may hold spaces. */
export function readSpeaker(line: string): Speaker | undefined {
  const match = speaker.exec(line);
  if (!match) return undefined;
  const about = match[3] ?? '';
  const printed = lastTime.exec(about)?.[1];
  const words = (printed === undefined ? about : about.slice(0, -printed.length)).trim();
  const model = words.replace(/^model /, '').replace(/, mode .*$/, '');
  return {
    role: match[1] === 'User' ? 'user' : 'agent',
    model: model === '' ? undefined : storable(model),
    at: printed === undefined ? undefined : readTime(printed),
  };
}

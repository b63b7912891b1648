import type { Writable } from 'node:stream';
import { SpecstoryError } from '../core/errors.ts';
import type { RefReport } from '../protocol/push-report.ts';
import type { Advertisement } from './advertisement.ts';
import type { Delegate } from './delegate.ts';
import { type Failure, failureOfError } from './failure.ts';
import type { GitService } from './git-service.ts';
import type { Lines } from './lines.ts';
import { destination, errorLine, type PushCaller, type Pushed, push } from './push.ts';
import { type PushOptions, pushOptions, setPushOption } from './push-options.ts';
import { failureWords, type PushRecord, verdictWords } from './push-record.ts';

export interface ConversationOptions {
  readonly lines: Lines;
  readonly out: Writable;
  /** Says something to the person. */
  readonly say: (words: readonly string[]) => void;
  readonly service: GitService;
  readonly delegate: Delegate;
  readonly record: PushRecord;
  readonly caller: PushCaller;
  /** Stops what is under way: git is gone. */
  readonly abandon: () => void;
}

const capabilities = ['stateless-connect', 'fetch', 'option', 'push', 'check-connectivity', 'object-format'];
const ours = 'refs/specstory/';

/** What git and its helper say to each other (gitremote-helpers(7)): pushes are ours, everything else is handed on. */
export class Conversation {
  private readonly options: ConversationOptions;
  private readonly push: PushOptions = pushOptions();
  private advertisement: Advertisement | undefined;

  constructor(options: ConversationOptions) {
    this.options = options;
  }

  /** Answers commands until git has no more. Gives the exit code. */
  async run(): Promise<number> {
    const { lines, out } = this.options;
    for (let line = await lines.next(); line; line = await lines.next()) {
      if (line === 'capabilities') out.write(`${capabilities.join('\n')}\n\n`);
      else if (line.startsWith('option ')) await this.option(line);
      else if (line === 'list for-push') {
        if (!(await this.list())) return 128;
      } else if (line.startsWith('push ')) await this.batch(line);
      else return this.handOver(line);
    }
    return 0;
  }

  private async option(line: string): Promise<void> {
    const { delegate, out, say } = this.options;
    if (line === 'option pushcert true') say(['a signed push is not possible here: the server keeps no signatures']);
    const answer = setPushOption(this.push, line.slice('option '.length));
    if (answer === 'ok' && /^option (?:progress|verbosity|object-format)\b/.test(line)) delegate.keep(line);
    out.write(`${answer ?? (await delegate.option(line))}\n`);
  }

  /** The refs of the server, asked once: a hook between this and the push may move them, and git would take us for confused. */
  private async list(): Promise<boolean> {
    this.options.record.isPush = true;
    const found = await this.refs();
    if ('outcome' in found) return this.fail(found);
    this.advertisement = found;
    const refs = found.refs.map(({ id, ref }) => `${id} ${ref}\n`);
    this.options.out.write(`:object-format ${found.objectFormat}\n${refs.join('')}\n`);
    return true;
  }

  private async refs(): Promise<Advertisement | Failure> {
    try {
      return await this.options.service.refs();
    } catch (thrown) {
      const failure = failureOfError(thrown, false);
      if (failure) return failure;
      throw thrown;
    }
  }

  private fail(failure: Failure): false {
    this.options.record.fail(failure);
    this.options.say(failureWords(failure));
    return false;
  }

  private async batch(first: string): Promise<void> {
    const { lines, out, record, say } = this.options;
    const refspecs: string[] = [];
    for (let line: string | undefined = first; line; line = await lines.next())
      refspecs.push(line.slice('push '.length));
    const refused = this.refused(refspecs);
    const rest = refspecs.filter((refspec) => !refused.some(({ ref }) => ref === destination(refspec)));
    const pushed = rest.length > 0 ? await this.send(rest) : undefined;
    record.add([...refused, ...(pushed?.refs ?? [])], pushed?.answer?.sieve.verdicts);
    if (pushed?.failure) record.fail(pushed.failure);
    if (pushed?.failure?.hint) say(failureWords(pushed.failure));
    if (pushed?.answer) say(verdictWords(pushed.answer, this.push.verbosity === 0));
    out.write(`${refused.map(errorLine).join('')}${pushed?.lines ?? ''}\n`);
  }

  private send(refspecs: readonly string[]): Promise<Pushed> {
    const { advertisement } = this;
    if (!advertisement) throw new SpecstoryError('bug', 'a push without a list of refs');
    const { abandon, caller, lines } = this.options;
    let isDone = false;
    void lines.isOver().then((isOver) => isOver && !isDone && abandon());
    return push({ refspecs, options: this.push, advertisement }, caller).finally(() => {
      isDone = true;
    });
  }

  /** Refs that are not ours to keep, and with `--atomic` all others beside them. Nothing of them is sent. */
  private refused(refspecs: readonly string[]): RefReport[] {
    const refs = refspecs.map(destination);
    const foreign = refs.filter((ref) => !ref.startsWith(ours));
    const others = this.push.atomic && foreign.length > 0 ? refs.filter((ref) => ref.startsWith(ours)) : [];
    return [
      ...foreign.map((ref): RefReport => ({ ref, outcome: 'rejected', reason: 'only the history is kept here' })),
      ...others.map((ref): RefReport => ({ ref, outcome: 'rejected', reason: 'atomic push failed' })),
    ];
  }

  private async handOver(line: string): Promise<number> {
    const { delegate, lines, say } = this.options;
    const ended = await delegate.run(line, lines);
    if (typeof ended === 'number') return ended;
    say(failureWords(ended));
    return 128;
  }
}

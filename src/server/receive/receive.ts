import { reason, SpecstoryError } from '../../core/errors.ts';
import { hostedRepository } from '../../git/hosted.ts';
import type { IndexPack } from '../../git/index-pack.ts';
import { packIds } from '../../git/pack-index.ts';
import type { Repository } from '../../git/repository.ts';
import type { Scratch } from '../../git/scratch.ts';
import { writerTips } from '../../git/writer-ref.ts';
import type { Access, Actor, Project } from '../access.ts';
import { type Body, BodyProblem } from '../body.ts';
import type { Repositories } from '../repositories/repositories.ts';
import { Answer } from './answer.ts';
import { authorise, claimFor } from './authorise.ts';
import { checkMoves } from './check-moves.ts';
import type { Decisions, Move } from './decision.ts';
import { inspectPack } from './inspect-pack.ts';
import { land } from './land.ts';
import type { PushLimits } from './limits.ts';
import { type PushRequest, readPushRequest } from './push-request.ts';
import { takePack } from './take-pack.ts';

export interface ReceiveServices {
  readonly access: Access;
  readonly repositories: Repositories;
  readonly limits: PushLimits;
  /** Looks at what landed, and says what it makes of it before the answer ends. */
  readonly landed: (pusher: Pusher, move: Move, tell: (line: string) => void) => Promise<void>;
  /** Hears of what is not the client's fault. */
  readonly onProblem: (thrown: unknown) => void;
}

/** Who pushes, and where to. */
export interface Pusher {
  readonly actor: Actor;
  readonly project: Project;
  /** The client understands our own words, and not only git's. */
  readonly speaksProtocol: boolean;
}

/**
 * Takes a push: reads its commands, decides on each, puts its pack into a quarantine, and gives an answer that is written while git works. Nothing
 * when it was only a question whether a large push may be sent. Throws `BodyProblem` while nothing was answered. `over` settles when
 * all work is done, whether or not the client waited for it.
 */
export async function receivePush(
  services: ReceiveServices,
  pusher: Pusher,
  body: Body,
): Promise<{ readonly stream: ReadableStream<Uint8Array>; readonly over: Promise<void> } | undefined> {
  const request = await readPushRequest(body);
  if (!request) return undefined;
  const { key } = pusher.project;
  const rewrites = await services.repositories.rewrites(key);
  const repository = await services.repositories.make(key);
  const tips = await writerTips(repository);
  const decisions = await authorise(request, tips, claimFor(services.access, pusher));
  const before = { repository, rewrites, known: tips.map(({ oid }) => oid) };
  const push = new Push(services, pusher, before, decisions, request);
  try {
    await push.take(body);
  } catch (thrown) {
    push.abandon();
    throw thrown;
  }
  return push.answer();
}

class Push {
  private readonly services: ReceiveServices;
  private readonly pusher: Pusher;
  private readonly before: {
    readonly repository: Repository;
    readonly known: readonly string[];
    readonly rewrites: number;
  };
  private readonly decisions: Decisions;
  private readonly capabilities: ReadonlySet<string>;
  private readonly said: Answer;
  private quarantine: Scratch | undefined;
  private pack: IndexPack | undefined;
  private unpacked = 'ok';

  constructor(
    services: ReceiveServices,
    pusher: Pusher,
    before: Push['before'],
    decisions: Decisions,
    { capabilities }: PushRequest,
  ) {
    this.services = services;
    this.pusher = pusher;
    this.before = before;
    this.decisions = decisions;
    this.capabilities = capabilities;
    this.said = new Answer(capabilities.has('side-band-64k'));
  }

  /** Reads the body to its end: into git when something may be done with it. */
  async take(body: Body): Promise<void> {
    if (this.open().length === 0) return body.drain();
    const { repositories, limits } = this.services;
    this.quarantine = repositories.quarantine(this.before.repository);
    try {
      const progress = this.capabilities.has('quiet') ? undefined : (text: string) => this.said.say(text);
      this.pack = await takePack(body, this.quarantine, limits, progress);
    } catch (thrown) {
      if (thrown instanceof BodyProblem) throw thrown;
      this.refuse(thrown);
      await body.drain();
    }
  }

  /** The answer, while the rest of the work goes on behind it. */
  answer(): { stream: ReadableStream<Uint8Array>; over: Promise<void> } {
    return { stream: this.said.stream, over: this.work() };
  }

  /** Ends the answer, and leaves nothing in quarantine. */
  abandon(): void {
    this.remove();
    this.said.end();
  }

  private remove(): void {
    this.quarantine?.remove();
  }

  /** What is still to be moved. */
  private open(): Move[] {
    return this.decisions.moves().filter(({ isDone }) => !isDone);
  }

  private async work(): Promise<void> {
    try {
      if (this.quarantine && this.open().length > 0) await this.settle(this.quarantine);
      const wantsReport = ['report-status', 'report-status-v2'].some((word) => this.capabilities.has(word));
      const lines = this.decisions.report(this.unpacked);
      if (wantsReport) this.said.report(lines);
      this.remove();
      for (const move of this.decisions.moves()) {
        await this.services.landed(this.pusher, move, (line) => this.said.tell(line));
      }
    } catch (thrown) {
      this.services.onProblem(thrown);
    } finally {
      this.abandon();
    }
    void this.services.repositories.tidy(this.pusher.project.key).catch(this.services.onProblem);
  }

  private async settle(quarantine: Scratch): Promise<void> {
    try {
      await this.pack?.finish();
      const found = await inspectPack(this.incoming(quarantine), this.services.limits);
      await checkMoves(this.decisions, hostedRepository(quarantine.place.gitDir), found.commits);
      await this.services.repositories.exclusively(this.pusher.project.key, async (repository) => {
        await this.checkThere();
        await land(repository, quarantine, found.lying, this.decisions);
      });
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  /** What the push builds on may have been purged while it came. */
  private async checkThere(): Promise<void> {
    if ((await this.services.repositories.rewrites(this.pusher.project.key)) === this.before.rewrites) return;
    throw new SpecstoryError('unsupported', 'a session was purged here meanwhile: fetch and push again');
  }

  private incoming(quarantine: Scratch) {
    return {
      repository: hostedRepository(quarantine.place.gitDir),
      pack: this.pack && packIds(quarantine.packs),
      tips: this.open().map(({ to }) => to),
      known: this.before.known,
    };
  }

  /** What is the client's fault is said as it is; what is ours, to those who run the server. */
  private refuse(thrown: unknown): void {
    const isTheirs = thrown instanceof SpecstoryError && thrown.kind === 'unsupported';
    this.unpacked = isTheirs ? reason(thrown) : 'the server could not take the push: try again later';
    this.decisions.refuseAll(this.unpacked);
    if (!isTheirs) this.services.onProblem(thrown);
  }
}

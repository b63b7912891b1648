import type { Host } from '../core/host.ts';
import type { AgentId, SessionId } from '../core/ids.ts';
import type { Exchange, SessionMeta } from '../core/session.ts';

/** The repository whose conversations are wanted: every worktree's folder, as given and with links resolved. */
export interface Project {
  readonly roots: readonly string[];
}

/** One entry of an agent's store: a file, or one conversation inside a database. */
export interface Source {
  readonly agent: AgentId;
  /** Names the source among all of its agent's: stable across captures, never shown. */
  readonly key: string;
  /** The file or database it lives in. */
  readonly path: string;
  /** Changes whenever the content may have changed: size, time and inode of a file, or a row's own time. */
  readonly version: string;
  /** Milliseconds since 1970: stands in for the time of a conversation that records none. */
  readonly modified: number;
  /** The file only ever grows, so reading may start at a checkpoint. */
  readonly appendOnly: boolean;
  /** The conversation's name, where the agent keeps it in an index beside the store; part of `version`. */
  readonly title?: string;
}

/**
 * Which sources (by key) belong to the project, as earlier calls of `find` learnt it: a `Map` of the caller's, kept
 * as long as the project's roots stay the same. Only for stores that say nowhere but inside a source whose it is.
 */
export interface Known {
  get(key: string): boolean | undefined;
  set(key: string, belongs: boolean): void;
}

/** One native record: a line of a transcript, or what stands for one (a message of a document, a row of a database). */
export interface NativeRecord {
  /** The record as one line without its line end: verbatim from a transcript, canonical JSON otherwise. */
  readonly text: string;
  /** The parsed record; `undefined` when it is not JSON. */
  readonly value: unknown;
  /** Where it starts and ends: bytes in a transcript, ordinals in other stores. */
  readonly start: number;
  readonly end: number;
  /** A line end followed it in the store, so that joining texts and line ends gives the store's own bytes. */
  readonly newline: boolean;
}

/** Where a parser may be started again: just before the record that opened the last exchange. */
export interface Checkpoint {
  readonly offset: number;
  /** JSON of the parser's own making. */
  readonly state: unknown;
}

/** An exchange on its way out of a parser. */
export interface Parsed {
  readonly session: SessionId;
  /** 1 for the first exchange of the session. */
  readonly ordinal: number;
  readonly exchange: Exchange;
  /** False while the exchange may still grow. */
  readonly closed: boolean;
}

/** Turns records into exchanges, one record at a time, never holding more than the open exchange. */
export interface Parser {
  /** Takes the next record. Never throws because of what is in it. */
  push(record: NativeRecord): void;
  /** The exchanges closed since the last call. */
  take(): Parsed[];
  /** The exchanges still open, when there are no more records for now. */
  open(): Parsed[];
  /** Where to start again; `undefined` before the first exchange. */
  checkpoint(): Checkpoint | undefined;
  /** What is known of the main session so far, but for counts: cheap enough to be asked at every record. */
  readonly subject: SessionMeta;
  /** What is known of each session seen, the main one first; none when nothing was found to be a session. */
  sessions(): SessionMeta[];
  /**
   * A record refers to something before the checkpoint that its state does not tell (a rewind far back, a repeated history):
   * what this parser gave since may be wrong, and the source must be read again from 0 with a fresh parser.
   */
  readonly restart?: boolean;
}

/** What a parser needs to know besides the records. */
export interface ParserContext {
  readonly source: Source;
  /** Folders whose files are written as paths relative to them (worktrees of the repository); may be empty. */
  readonly roots: readonly string[];
}

/** A change to a settings file of the agent, as a pure function, so that it can be previewed, repeated and undone. */
export interface FileEdit {
  readonly path: string;
  /** Whose file it is: this project's, or the person's own, which all projects share and one must not take from another. */
  readonly scope: 'project' | 'user';
  /** The file with our entries, or `undefined` when they cannot be added without harm (it says why by throwing `config`). */
  add(before: string | undefined): string;
  /** The file without our entries; `undefined` when nothing would be left that was not ours. */
  remove(before: string): string | undefined;
}

/** One coding agent: where its conversations are and how to read them. Gets a `Host` and touches nothing else. */
export interface Adapter {
  readonly id: AgentId;
  /** Display name, SpecStory's `agentName`. */
  readonly label: string;
  /** `provider.id` in SessionData. */
  readonly provider: string;
  /** Folders in which a change may mean something new: what hooks and `watch` look at. Missing ones are fine. */
  places(host: Host, project: Project): string[];
  /**
   * Says where this project's conversations are and reads none of them (a database is asked for keys only).
   * With `known`, an agent that must look into a source to tell whose it is looks once. A source that is one append-only file
   * without a title is left out when the file is listed as `unchanged`; what stands beside it is found all the same.
   */
  find(host: Host, project: Project, known?: Known): Iterable<Source>;
  /** The sources in one file a person named; none when the file is not this agent's. Looks at content, not at the name. */
  open(host: Host, path: string): Iterable<Source>;
  /** The records of a source from a checkpoint's offset on (0: from the start). Throws `SpecstoryError` when the store cannot be read at all. */
  records(host: Host, source: Source, from: number): Iterable<NativeRecord>;
  /** A fresh parser, or one that goes on from a checkpoint's state; throws when the state is not its own (the caller then starts over). */
  parser(context: ParserContext, state?: unknown): Parser;
  /** Present when the agent can call us: its settings with a call of `command` after each turn. */
  hooks?(host: Host, project: Project, command: string): FileEdit[];
}

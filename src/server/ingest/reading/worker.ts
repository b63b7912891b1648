import { parentPort } from 'node:worker_threads';
import { reason, SpecstoryError } from '../../../core/errors.ts';
import { Fault } from '../fault.ts';
import { TextCheck } from '../text-check.ts';
import { type Question, read } from './read.ts';
import type { Reply } from './reply.ts';

// A thread of its own for large files: it answers one question after the other, and whoever asks ends it when an answer takes too long.

const check = new TextCheck();

parentPort?.on('message', (question: Question) => parentPort?.postMessage(replyTo(question)));

function replyTo(question: Question): Reply {
  try {
    return { kind: 'answer', answer: read(check, question) };
  } catch (thrown) {
    if (thrown instanceof Fault) return { kind: 'fault', code: thrown.code, reason: thrown.message };
    const isTheirs = thrown instanceof SpecstoryError && thrown.kind === 'unsupported';
    return { kind: isTheirs ? 'unsupported' : 'broken', reason: reason(thrown) };
  }
}

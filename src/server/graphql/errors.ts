import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { SpecstoryError } from '../../core/errors.ts';
import { Refusal } from '../refusal.ts';

/** SpecStory's words for what went wrong, and two of ours. */
type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'VALIDATION_ERROR'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/** An error as the client gets it. What is not a client's to know goes to `onFault` instead. */
export function formatted(error: GraphQLError, onFault: (thrown: unknown) => void): GraphQLFormattedError {
  const { originalError: cause, locations, path } = error;
  const where = { ...(locations && { locations }), ...(path && { path }) };
  const code = codeOf(error);
  if (code === 'INTERNAL_SERVER_ERROR') {
    onFault(cause);
    return { message: 'the server could not do this; its log says why', ...where, extensions: { code } };
  }
  return { message: error.message.slice(0, 1000), ...where, extensions: { code } };
}

function codeOf({ originalError: cause, extensions }: GraphQLError): ErrorCode {
  if (extensions.code === 'FORBIDDEN' || extensions.code === 'NOT_FOUND') return extensions.code;
  // Without a cause it is the query that is wrong.
  if (cause === undefined || cause instanceof GraphQLError) return 'VALIDATION_ERROR';
  if (cause instanceof Refusal) return codes[cause.code] ?? 'VALIDATION_ERROR';
  if (cause instanceof SpecstoryError && cause.kind === 'usage') return 'VALIDATION_ERROR';
  if (cause instanceof SpecstoryError && cause.kind === 'unavailable') return 'UNAVAILABLE';
  return 'INTERNAL_SERVER_ERROR';
}

const codes: { readonly [code: string]: ErrorCode } = {
  unauthorized: 'UNAUTHENTICATED',
  insufficient_scope: 'FORBIDDEN',
  insufficient_role: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  rate_limited: 'RATE_LIMITED',
  unavailable: 'UNAVAILABLE',
};

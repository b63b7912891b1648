import { type DocumentNode, type ExecutionResult, execute, GraphQLError, parse, validate } from 'graphql';
import * as z from 'zod';
import type { Caller } from '../accounts/access.ts';
import { Asker, type GraphqlServices } from './asker.ts';
import { formatted } from './errors.ts';
import { checkLimits, queryLimits } from './limits.ts';
import { rootOf } from './root.ts';
import { schema } from './schema.ts';

/** A request over HTTP. What else is in it (`extensions`) is passed over. */
export const graphqlSchema = z.object({
  query: z.string().max(queryLimits.characters),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().max(1000).nullish(),
});
export type GraphqlRequest = z.output<typeof graphqlSchema>;

/** The answer to a query. Whatever is wrong with it stands in `errors`: this does not throw. */
export async function answerGraphql(
  services: GraphqlServices,
  caller: Caller,
  { query, variables, operationName }: GraphqlRequest,
): Promise<object> {
  const values = variables ?? {};
  const understood = understand(query, values);
  const result: ExecutionResult = Array.isArray(understood)
    ? { errors: understood }
    : await execute({
        schema,
        document: understood,
        rootValue: rootOf(new Asker(services, caller)),
        variableValues: values,
        operationName: operationName ?? null,
      });
  if (!result.errors) return result;
  const onFault = (err: unknown): void => services.log.error({ err }, 'a field could not be resolved');
  return { ...result, errors: result.errors.map((error) => formatted(error, onFault)) };
}

/** The query as a document that may be executed, or what is wrong with it. */
function understand(query: string, variables: Readonly<Record<string, unknown>>): DocumentNode | GraphQLError[] {
  try {
    const document = parse(query, { maxTokens: queryLimits.tokens, noLocation: false });
    checkLimits(schema, document, variables);
    const errors = validate(schema, document, undefined, { maxErrors: 10 });
    return errors.length > 0 ? [...errors] : document;
  } catch (thrown) {
    if (thrown instanceof GraphQLError) return [thrown];
    throw thrown;
  }
}

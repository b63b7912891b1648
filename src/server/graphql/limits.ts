import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** What a query may be. A unit of cost is about one field of an answer. */
export const queryLimits = { characters: 100_000, tokens: 2000, depth: 15, cost: 20_000, list: 100 } as const;

/** Items of a list whose length nobody said. */
const defaultList = 20;
/** Fields that cost more than the one they are, or give lists without being asked for a length. */
const weights: Readonly<Record<string, { readonly cost?: number; readonly items?: number }>> = {
  'Query.projects': { items: 50 },
  'Query.session': { cost: 150 },
  'Query.searchSessions': { cost: 1000 },
  'Session.markdownContent': { cost: 50 },
  'SearchResult.matchingExchanges': { items: 5 },
};

interface Measure {
  readonly depth: number;
  readonly cost: number;
}
const nothing: Measure = { depth: 0, cost: 0 };

/**
 * Refuses a query that is too deep or would cost too much, before anything is done for it. A fragment is measured once, however often it is
 * used, so this takes time in proportion to the query.
 */
export function checkLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const meter = new Meter(schema, document, variables);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, cost } = meter.of(definition.selectionSet, schema.getRootType(definition.operation));
    if (depth > queryLimits.depth) throw tooMuch(`the query is ${depth} levels deep, of at most ${queryLimits.depth}`);
    if (cost > queryLimits.cost) {
      const told = Number.isSafeInteger(cost) ? String(cost) : 'far more';
      throw tooMuch(
        `the query costs ${told}, of at most ${queryLimits.cost}: ask for fewer sessions or fields at once`,
      );
    }
  }
}

function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'VALIDATION_ERROR' } });
}

class Meter {
  private readonly schema: GraphQLSchema;
  private readonly variables: Readonly<Record<string, unknown>>;
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  /** Fragments that were measured, or are being measured: those count for nothing, and validation refuses them. */
  private readonly measured = new Map<string, Measure>();

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Readonly<Record<string, unknown>>) {
    this.schema = schema;
    this.variables = variables;
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
  }

  of(set: SelectionSetNode | undefined, type: GraphQLNamedType | null | undefined): Measure {
    let [depth, cost] = [0, 0];
    for (const selection of set?.selections ?? []) {
      const measure =
        selection.kind === Kind.FIELD
          ? this.field(selection, type)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? this.fragment(selection.name.value)
            : this.of(selection.selectionSet, this.named(selection.typeCondition?.name.value) ?? type);
      depth = Math.max(depth, measure.depth);
      cost += measure.cost;
    }
    return { depth, cost };
  }

  private fragment(name: string): Measure {
    const known = this.measured.get(name);
    if (known) return known;
    this.measured.set(name, nothing);
    const found = this.fragments.get(name);
    const measure = found ? this.of(found.selectionSet, this.named(found.typeCondition.name.value)) : nothing;
    this.measured.set(name, measure);
    return measure;
  }

  private field(node: FieldNode, parent: GraphQLNamedType | null | undefined): Measure {
    const name = node.name.value;
    const field = isObjectType(parent) ? parent.getFields()[name] : undefined;
    // How deep the schema itself may be asked for is a rule of validation.
    if (name.startsWith('__')) return { depth: 1, cost: name === '__typename' ? 1 : 2000 };
    const weight = weights[`${parent?.name}.${name}`] ?? {};
    const inner = this.of(node.selectionSet, field && getNamedType(field.type));
    const items = weight.items ?? this.length(node, field);
    return { depth: inner.depth + 1, cost: (weight.cost ?? 1) + items * inner.cost };
  }

  /** How many items a field is asked for; 1 for a field that gives one, or a list of one of its siblings' length. */
  private length({ arguments: given = [] }: FieldNode, field: GraphQLField<unknown, unknown> | undefined): number {
    if (!field?.args.some(({ name }) => name === 'limit' || name === 'first')) return 1;
    const asked = given.flatMap(({ name, value }) => {
      if (name.value !== 'limit' && name.value !== 'first') return [];
      if (value.kind === Kind.INT) return [Number(value.value)];
      return value.kind === Kind.VARIABLE ? [Number(this.variables[value.name.value] ?? queryLimits.list)] : [];
    });
    const most = Math.max(...asked.filter(Number.isFinite), 0);
    return Math.min(most === 0 ? defaultList : most, queryLimits.list);
  }

  private named(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.schema.getType(name);
  }
}

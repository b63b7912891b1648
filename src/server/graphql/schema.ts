import { buildSchema } from 'graphql';

/** Names are those of SpecStory's GraphQL and its SDK; filters take every spelling that its documents use. */
export const schemaText = `
"""ISO 8601, UTC."""
scalar DateTime
scalar JSON

type Query {
  """The projects of whoever asks."""
  projects: [Project!]!
  project(id: ID!): Project
  """The latest sessions of a project, or of all of them."""
  sessions(filters: SessionFilters, orderBy: SessionOrder, limit: Int, first: Int, after: String): [Session!]!
  """The same, page by page."""
  sessionConnection(filters: SessionFilters, orderBy: SessionOrder, first: Int, after: String): SessionConnection!
  """A session by its id; in the project that is named, or in the first that has it."""
  session(id: ID!, projectId: ID): Session
  """Sessions by what was said in them. What a query can say is in docs/search.md."""
  searchSessions(query: String!, filters: SessionFilters, limit: Int, cursor: String): SearchResults!
}

type Project {
  id: ID!
  name: String!
  icon: String
  color: String
  role: String!
  sessionCount: Int!
  createdAt: DateTime!
  updatedAt: DateTime!
  sessions(filters: SessionFilters, orderBy: SessionOrder, limit: Int, first: Int, after: String): [Session!]!
}

type Session {
  id: ID!
  clientId: ID!
  projectId: ID!
  name: String!
  """A title that somebody gave it; the name until then."""
  title: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  startedAt: DateTime!
  endedAt: DateTime!
  markdownSize: Int!
  rawDataSize: Int!
  sessionDataSize: Int!
  etag: String!
  metadata: SessionMetadata!
  project: Project!
  """The whole text; asking for it costs as much as fifty other fields."""
  markdownContent: String
}

type SessionMetadata {
  clientName: String
  clientVersion: String
  agentName: String
  deviceId: String
  llmModels: [String!]!
  gitBranches: [String!]!
  tags: [String!]!
  """Everything that the client said of it."""
  all: JSON!
}

type SessionConnection {
  edges: [SessionEdge!]!
  nodes: [Session!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type SessionEdge {
  cursor: String!
  node: Session!
}

type PageInfo {
  hasNextPage: Boolean!
  endCursor: String
}

type SearchResults {
  total: Int!
  """There are more than were counted."""
  isMore: Boolean!
  results: [SearchResult!]!
  """The cursor of what comes next."""
  next: String
  facets: [Facet!]!
}

type SearchResult {
  id: ID!
  name: String!
  projectId: ID!
  """From 1, the best first."""
  rank: Float!
  snippet: String!
  createdAt: DateTime
  metadata: SessionMetadata!
  project: Project!
  matchingExchanges: [MatchingExchange!]!
}

type MatchingExchange {
  id: ID!
  title: String!
  snippet: String!
  orderNumber: Int!
  """prompt, answer, thinking, tool, output, diff or title"""
  matchedIn: String!
}

type Facet {
  name: String!
  values: [FacetValue!]!
}

type FacetValue {
  value: String!
  count: Int!
}

input SessionFilters {
  projectId: ID
  projectIds: [ID!]
  clientName: String
  clientNames: [String!]
  agentName: String
  agentNames: [String!]
  deviceId: String
  deviceIds: [String!]
  gitBranches: [String!]
  llmModels: [String!]
  tags: [String!]
  startDate: DateTime
  endDate: DateTime
  dateRange: DateRange
  """24h, 7d, 4w, 6m, 1y, or all"""
  timeFilter: String
  """In the name or the title."""
  searchText: String
  cursor: String
}

input DateRange {
  start: DateTime
  end: DateTime
}

enum SessionOrderField {
  CREATED_AT
  UPDATED_AT
  NAME
}

enum OrderDirection {
  ASC
  DESC
}

input SessionOrder {
  field: SessionOrderField = UPDATED_AT
  direction: OrderDirection = DESC
}
`;

export const schema = buildSchema(schemaText);

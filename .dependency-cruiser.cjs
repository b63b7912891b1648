// The layers of CONTRIBUTING.md, as rules. A folder may import what `layers` says and nothing else of src.
const layers = {
  core: [],
  protocol: ['core'],
  markdown: ['core'],
  redact: ['core'],
  adapters: ['core'],
  platform: ['core'],
  git: ['core', 'platform'],
  remote: ['core', 'protocol', 'git', 'platform'],
  search: ['core', 'platform'],
  client: ['core', 'protocol', 'markdown', 'redact', 'adapters', 'git', 'platform', 'remote', 'search'],
  server: ['core', 'protocol', 'markdown', 'redact', 'git', 'platform', 'search'],
  cli: ['core', 'search', 'client', 'server'],
};
const pure = ['core', 'protocol', 'markdown', 'redact', 'adapters'];

const upward = Object.entries(layers).map(([folder, below]) => ({
  name: `${folder}-imports-down`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(?:${[folder, ...below].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'no-cycles',
      comment: 'Type imports count as well.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-inside',
      comment: 'Effects belong to the edge: adapters and codecs get a Host.',
      severity: 'error',
      from: { path: `^src/(?:${pure.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'one-file-starts-processes',
      severity: 'error',
      from: { pathNot: '^(?:src/platform/process\\.ts|test/|bench/)' },
      to: { path: '^(?:node:)?child_process$' },
    },
    {
      name: 'one-door-to-the-server',
      comment: 'The command line knows how to start a server and to administer its data, nothing else of it.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/server/', pathNot: '^src/server/main\\.ts$' },
    },
    {
      name: 'only-git-runs-git',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/git/' },
      to: { path: '^src/git/run\\.ts$' },
    },
    {
      name: 'only-redact-vouches',
      severity: 'error',
      from: { pathNot: '^(?:src/redact/|src/markdown/|test/|bench/)' },
      to: { path: '^src/core/vouch\\.ts$' },
    },
    {
      name: 'adapters-know-no-adapter',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/([^/]+)/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'one-list-names-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/(?:index\\.ts$|[^/]+/)' },
      to: { path: '^src/adapters/[^/]+/' },
    },
    {
      name: 'src-knows-no-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|bench)/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

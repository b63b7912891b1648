import { defineConfig, type OutputOptions, type RolldownOptions } from 'rolldown';

const output = { format: 'cjs', minify: true, comments: { legal: true } } as const satisfies OutputOptions;

// One minified CommonJS file per entry: it starts in a sixth of the time of unbundled modules.
// The SQLite driver stays outside, because it is native.
const entry = (name: string, input: string): RolldownOptions & { output: OutputOptions } => ({
  input,
  platform: 'node',
  external: ['libsql'],
  // jsonc-parser's main file is UMD and finds its parts only at run time.
  resolve: { mainFields: ['module', 'main'] },
  transform: { target: 'node20' },
  output: { ...output, file: `dist/${name}.cjs`, codeSplitting: false },
  // gray-matter evaluates JavaScript front matter; the engine is replaced by one that throws (src/markdown/frontmatter.ts).
  checks: { eval: false },
});

const banner = '#!/usr/bin/env node';

const parts = [
  ['/src/server/store/postgres/', 'postgres'],
  ['/src/server/graphql/', 'graphql'],
  ['/src/server/', 'server'],
  ['/src/cli/mcp/', 'mcp'],
  ['/src/client/search/', 'search'],
  ['/src/cli/views/search-view', 'search-view'],
  ['/@clack/', 'prompts'],
] as const;
const partOf = (module: string): string => parts.find(([folder]) => module.includes(folder))?.[1] ?? '[name]';
// What the program and several of its parts use lies beside it as well.
const nameOf = (facade: string | null, name: string): string =>
  facade ? partOf(facade) : name.startsWith('rolldown') ? '[name]' : 'shared';

export default defineConfig([
  {
    ...entry('specstory', 'src/cli/main.ts'),
    // What is loaded on demand (the server, PostgreSQL, GraphQL, MCP, search, prompts) lies in files of its own, so that no other command reads it.
    output: {
      ...output,
      dir: 'dist',
      entryFileNames: 'specstory.cjs',
      chunkFileNames: ({ facadeModuleId, name }) => `specstory-${nameOf(facadeModuleId, name)}.cjs`,
      banner: ({ isEntry }) => (isEntry ? banner : ''),
    },
  },
  { ...entry('remote', 'src/remote/main.ts'), output: { ...entry('remote', '').output, banner } },
  entry('worker', 'src/cli/worker.ts'),
  entry('reading', 'src/server/ingest/reading/worker.ts'),
]);

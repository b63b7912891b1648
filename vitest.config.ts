import { defineConfig } from 'vitest/config';

// Pure code runs in threads without isolation; whatever starts git or the built program runs in processes of its own.
const processes = [
  'test/git/**',
  'test/client/**',
  'test/cli/**',
  'test/hooks/**',
  'test/faults/**',
  'test/remote/**',
  'test/server/**',
  'test/sync/**',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: processes,
          pool: 'threads',
          isolate: false,
          globalSetup: 'test/hosts/temporary-folder.ts',
          setupFiles: ['test/hosts/seed.ts'],
        },
      },
      {
        test: {
          name: 'processes',
          include: processes.map((folder) => `${folder}/*.test.ts`),
          pool: 'forks',
          testTimeout: 60_000,
          globalSetup: ['test/hosts/temporary-folder.ts', 'test/hosts/postgres.ts'],
          setupFiles: ['test/hosts/clean-environment.ts', 'test/hosts/seed.ts'],
        },
      },
    ],
  },
});

import os from 'node:os';
import { defineConfig } from 'vitest/config';
import { PlainSummary } from './test/support/plain-summary.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default', new PlainSummary()],
    // Own processes: parts of the service hold ports, child processes and native modules. PostgreSQL and Chromium want
    // their share of the cores, so more than four files at once only wait for each other.
    pool: 'forks',
    maxWorkers: Math.max(2, Math.min(4, os.availableParallelism())),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
  },
});

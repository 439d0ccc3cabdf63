import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** Ends the run with one plain line, `N passed, N failed, N skipped`, and says what was left out and why. */
export class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[], reason: TestRunEndReason): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      // A file that cannot be loaded has no tests to fail.
      count.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state] += 1;
      }
    }
    // Nothing could begin: the shared setup failed.
    if (reason === 'failed' && count.failed === 0) count.failed = 1;
    const withoutRedis = modules.some((module) => module.project.getProvidedContext().redisUrl === null);
    // After the default reporter's own summary, which is written in the same turn.
    process.once('exit', () => {
      if (withoutRedis) {
        process.stdout.write(
          'Redis tests were skipped: set REDIS_URL, or put redis-server or valkey-server on PATH.\n',
        );
      }
      process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
    });
  }
}

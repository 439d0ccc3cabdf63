import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

const checks = [
  { name: 'types', program: 'tsc', args: ['--noEmit'] },
  // The arrows between parts are rules of it (no-restricted-imports).
  { name: 'lint and arrows', program: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', program: 'oxfmt', args: ['--check'] },
  { name: 'unused', program: 'knip', args: ['--no-progress'] },
];

let failed = 0;
for (const { name, program, args } of checks) {
  const begun = performance.now();
  const { code, output } = await run(program, args);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${program} ${args.join(' ')}) ${seconds} s\n`);
  if (code !== 0) {
    failed += 1;
    process.stdout.write(`${output.trimEnd()}\n\n`);
  }
}
process.stdout.write(failed === 0 ? 'All checks passed\n' : `${failed} of ${checks.length} checks failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function run(program: string, args: string[]): Promise<{ code: number; output: string }> {
  const windows = process.platform === 'win32';
  const file = path.join(root, 'node_modules', '.bin', windows ? `${program}.cmd` : program);
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: windows, env: environment() });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

// The tools' own first lines (`#!/usr/bin/env node`) are to find the pinned Node.
function environment(): NodeJS.ProcessEnv {
  const bin = path.join(root, 'node_modules', '.bin');
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` };
}

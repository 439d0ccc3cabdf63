import { spawn } from 'node:child_process';
import path from 'node:path';

export type Outcome = { code: number | null; stdout: string; stderr: string };

const root = path.resolve(import.meta.dirname, '../..');
// What the machine that runs the tests happens to have set must not decide them.
const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];

type Options = {
  env?: Record<string, string>;
  input?: string;
  cwd?: string;
  /** Called with all that stdout and stderr hold so far; may end the process. */
  heard?: (text: string, end: (signal: NodeJS.Signals) => void) => void;
};

/** Runs `sollecito ARGS…` in a process of its own, with nothing in the environment but `env`. */
export function sollecito(args: readonly string[], options: Options = {}): Promise<Outcome> {
  const { env = {}, input = '', cwd = root, heard } = options;
  const own = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const child = spawn(process.execPath, [path.join(root, 'src/main.ts'), ...args], { cwd, env: { ...own, ...env } });
  child.stdin.end(input);
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      outcome[name] += text;
      heard?.(outcome.stdout + outcome.stderr, (signal) => child.kill(signal));
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}

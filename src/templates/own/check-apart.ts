import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkTemplate, type CheckedTemplate, type TemplateDraft } from './check-template.ts';

// Most of it is loading MJML, about a second.
const longestMs = 15_000;
const memoryMb = 256;
// Each loads MJML for itself; who uploads many waits for their turn.
const mostAtOnce = 2;
const mostWaiting = 20;

const waiting: (() => void)[] = [];
let running = 0;

/** What the process says: what it found, or which bug ended the check. */
export type CheckMessage = { readonly checked: CheckedTemplate } | { readonly bug: Error };

/** More templates wait to be checked than would be in any time. */
export class TooManyChecks extends Error {}

/**
 * Checks a template beside this process's work: what a template can make MJML do is not foreseen, so it gets a process
 * with an end to its time and memory. Texts are bounded by themselves and stay here. Throws TooManyChecks.
 */
export async function checkApart(draft: TemplateDraft, endMs: number = longestMs): Promise<CheckedTemplate> {
  if (draft.mjml === null) return checkTemplate(draft);
  if (waiting.length >= mostWaiting) throw new TooManyChecks();
  if (running >= mostAtOnce) await new Promise<void>((go) => void waiting.push(go));
  else running += 1;
  try {
    return await inProcess(draft, endMs);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** Not a thread: V8 can fail to end one at the end of its memory, and then ends the whole process. */
async function inProcess(draft: TemplateDraft, endMs: number): Promise<CheckedTemplate> {
  const child = fork(fileURLToPath(new URL('check-child.ts', import.meta.url)), {
    // Not the options of this process: a debugger's port is taken. Not its environment: that holds secrets.
    execArgv: [`--max-old-space-size=${memoryMb}`],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  // Also when this process ends meanwhile.
  process.once('exit', kill);
  try {
    const said = await saidBy(child, draft, endMs);
    if (said !== 'past its limits') {
      if ('bug' in said) throw said.bug;
      return said.checked;
    }
    const message = 'takes too long or too much memory to be made ready';
    return { kind: 'wrong', mistakes: [{ field: 'mjml', code: 'takes-too-long', line: null, message }] };
  } finally {
    process.off('exit', kill);
    kill();
  }
}

async function saidBy(
  child: ChildProcess,
  draft: TemplateDraft,
  endMs: number,
): Promise<CheckMessage | 'past its limits'> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckMessage | 'past its limits'>();
  const late = setTimeout(() => resolve('past its limits'), endMs);
  // For as long as it lives: an error that nobody listens for would end this process.
  child.on('error', reject);
  child.once('exit', (code, signal) => {
    if (signal !== null || codesOfNoMemory.has(code ?? 0)) resolve('past its limits');
    else reject(new Error(`the process that checks templates ended (code ${code})`));
  });
  child.once('message', (message: unknown) => {
    if (isCheckMessage(message)) resolve(message);
    else reject(new Error('the process that checks templates said what cannot be read'));
  });
  // What fails here shows as its end.
  child.send(draft, () => undefined);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}

// Where V8 does not end by a signal: under a shell, and on Windows.
const codesOfNoMemory: ReadonlySet<number> = new Set([134, 3_221_225_477]);

function isCheckMessage(message: unknown): message is CheckMessage {
  return typeof message === 'object' && message !== null && ('checked' in message || 'bug' in message);
}

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { checkTemplate, type CheckedTemplate, type TemplateDraft } from './check-template.ts';

// Most of it is loading MJML, about a second.
const longestMs = 15_000;
const memoryMb = 256;
// Each loads MJML for itself; who uploads many waits for his turn.
const mostAtOnce = 2;
const mostWaiting = 20;

const waiting: (() => void)[] = [];
let running = 0;

/** More templates wait to be checked than would be in any time. */
export class TooManyChecks extends Error {}

/**
 * Checks a template beside the process's own work: what a template can make MJML do is not foreseen, so it gets a thread
 * with an end to its time and memory. Texts are bounded by themselves and stay here. Throws TooManyChecks.
 */
export async function checkApart(draft: TemplateDraft, endMs: number = longestMs): Promise<CheckedTemplate> {
  if (draft.mjml === null) return checkTemplate(draft);
  if (waiting.length >= mostWaiting) throw new TooManyChecks();
  if (running >= mostAtOnce) await new Promise<void>((go) => void waiting.push(go));
  else running += 1;
  try {
    return await inThread(draft, endMs);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

async function inThread(draft: TemplateDraft, endMs: number): Promise<CheckedTemplate> {
  const worker = new Worker(new URL('check-thread.ts', import.meta.url), {
    workerData: draft,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    stdout: true,
    stderr: true,
  });
  try {
    const signal = AbortSignal.timeout(endMs);
    // Rejects with what the thread threw.
    const [answer]: CheckedTemplate[] = await once(worker, 'message', { signal });
    if (!answer) throw new Error('a check ended without an answer');
    return answer;
  } catch (error) {
    if (!isPastItsLimits(error)) throw error;
    const message = 'takes too long or too much memory to be made ready';
    return { kind: 'wrong', mistakes: [{ field: 'mjml', code: 'takes-too-long', line: null, message }] };
  } finally {
    await worker.terminate();
  }
}

function isPastItsLimits(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY');
}

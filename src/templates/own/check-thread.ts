import { parentPort, workerData } from 'node:worker_threads';
import { checkTemplate } from './check-template.ts';

// A thread of check-apart: one template, then it ends.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(await checkTemplate(workerData));

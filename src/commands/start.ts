import type { Logger } from 'pino';
import { App } from '../app.ts';
import { type Config, heldBack, readConfig } from '../config.ts';
import { makeLog } from '../log.ts';
import { stopped, stopSignal } from './stop-signal.ts';

/**
 * `sollecito start`: the service from its environment, until SIGTERM or SIGINT. Held: what of its roles accepts and
 * shows, and nothing that sends.
 */
export async function start({ held }: { held: boolean }): Promise<number> {
  const config = held ? heldBack(readConfig()) : readConfig();
  const log = makeLog(config.logLevel);
  try {
    return await serve(config, log);
  } finally {
    await new Promise<void>((resolve) => {
      log.flush(() => resolve());
    });
  }
}

async function serve(config: Config, log: Logger): Promise<number> {
  const stop = stopSignal();
  const app = await App.start(config, log);
  if (!stop.aborted) {
    log.info({ url: app.url, roles: [...config.roles] }, 'started');
    if (config.held) log.warn('held: accepts and shows, sends nothing; start without --held to send');
    if (app.signInUrl) process.stderr.write(`Sign in once at ${app.signInUrl}\n`);
  }
  await stopped(stop);
  log.info('stopping');
  await app.stop();
  return 0;
}

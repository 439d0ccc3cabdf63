import type { Logger } from 'pino';
import { App } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { makeLog } from '../log.ts';
import { stopped, stopSignal } from './stop-signal.ts';

/** `sollecito start`: the service from its environment, until SIGTERM or SIGINT. */
export async function start(): Promise<number> {
  const config = readConfig();
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
    if (app.signInUrl) process.stderr.write(`Sign in once at ${app.signInUrl}\n`);
  }
  await stopped(stop);
  log.info('stopping');
  await app.stop();
  return 0;
}

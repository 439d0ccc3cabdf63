import { App } from '../app.ts';
import { readConfig } from '../config.ts';
import { makeLog } from '../log.ts';

/** `sollecito start`: the service from its environment, until SIGTERM or SIGINT. */
export async function start(): Promise<number> {
  const config = readConfig();
  const log = makeLog(config.logLevel);
  const app = await App.start(config, log);
  log.info({ url: app.url, roles: [...config.roles] }, 'started');
  if (app.signInUrl) process.stderr.write(`Sign in once at ${app.signInUrl}\n`);
  await stopSignal();
  log.info('stopping');
  await app.stop();
  return 0;
}

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
export async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    const heard = (): void => {
      process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
      resolve();
    };
    process.once('SIGINT', heard).once('SIGTERM', heard);
  });
}

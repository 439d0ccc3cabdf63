import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readDemoConfig } from '../config.ts';
import { Screen } from './demo/screen.ts';
import { stopped, stopSignal } from './stop-signal.ts';

type DemoOptions = { once: boolean; json: boolean; invoices: string | undefined };

const examples = fileURLToPath(new URL('../../examples/invoices', import.meta.url));

/**
 * `sollecito demo`: the whole way of a reminder on this machine alone, by the same HTTP calls that another app makes.
 * Serves until Ctrl-C unless `once`. @returns 0 only if every reminder was sent.
 */
export async function demo({ once, json, invoices }: DemoOptions): Promise<number> {
  const screen = new Screen(json ? process.stderr : process.stdout);
  const stop = stopSignal();
  const { config, portChosen } = readDemoConfig();
  screen.title('Sollecito, on this machine alone');
  screen.running('loading');
  // The service is large: a person sees that it has begun before it is read.
  const { readFolder } = await import('./demo/invoices.ts');
  const files = await readFolder(invoices ?? examples);
  const { sendReminders, startService } = await import('./demo/run.ts');
  const { isTaken } = await import('./demo/reminders.ts');
  const { jsonOf, showAddresses } = await import('./demo/findings.ts');
  const app = await startService({ ...config, port: await choosePort(config.port, portChosen) }, screen);
  try {
    const findings = await sendReminders(app, files, screen, stop);
    if (!once) showAddresses(screen, findings);
    if (json) process.stdout.write(`${JSON.stringify(jsonOf(findings))}\n`);
    if (!once) {
      await stopped(stop);
      screen.plain('\nStopping');
    }
    return findings.asked.refused.length === 0 && findings.reminders.every(isTaken) ? 0 : 1;
  } catch (error) {
    if (!stop.aborted) throw error;
    screen.plain('\nStopped before it was done');
    return 130;
  } finally {
    screen.end();
    await app.stop();
  }
}

/** The usual port, or any other when that is taken and nobody asked for it. */
async function choosePort(port: number, chosen: boolean): Promise<number> {
  if (chosen || (await isFree(port))) return port;
  return 0;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

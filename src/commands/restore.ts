import { open } from 'node:fs/promises';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { BackupRefused } from '../store/backup-file.ts';
import { restoreBackup, type Restored } from '../store/restore.ts';
import { CommandFailed, WrongUse } from './command.ts';
import { onDatabase } from './on-database.ts';
import { stopSignal } from './stop-signal.ts';

type Options = { replace: boolean; nothingSentSince: boolean };

/** `sollecito restore`: a backup from a file or (`-`) stdin into an empty database, whole or not at all. */
export async function restore(file: string, options: Options): Promise<number> {
  const packed = await source(file);
  const signal = stopSignal();
  try {
    const restored = await onDatabase(async (url) => {
      const unpacked: AsyncIterable<Buffer> = pipeline(
        addAbortSignal(signal, packed),
        createZstdDecompress(),
        noCallback,
      );
      return restoreBackup(url, { unpacked, ...options });
    });
    process.stdout.write(words(restored, options));
    return 0;
  } catch (error) {
    if (error instanceof BackupRefused) throw new CommandFailed(`nothing was restored: ${error.message}`);
    throw error;
  } finally {
    packed.destroy();
  }
}

// Whoever reads the stream's end gets its error.
const noCallback = (): void => undefined;

async function source(file: string): Promise<Readable> {
  if (file === '-') {
    if (process.stdin.isTTY) throw new WrongUse('a backup is expected on stdin');
    return process.stdin;
  }
  const handle = await open(file);
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
  await handle.close();
  throw new CommandFailed(`${file} is a folder`);
}

function words({ header, rows, doubt }: Restored, { nothingSentSince }: Options): string {
  const sum = Object.values(rows).reduce((total, n) => total + n, 0);
  const lines = [`restored ${sum} rows of ${Object.keys(rows).length} tables, as of ${header.takenAt}`];
  if (nothingSentSince) {
    lines.push('What was open is open: it is sent as soon as the service starts.');
  } else if (doubt.length === 0) {
    lines.push('Nothing was open that may have been sent since.');
  } else {
    lines.push('', ...doubtInWords(doubt, header.takenAt));
  }
  lines.push(
    '',
    'What was accepted, paid, held or canceled since is not in it: bring it again before anything is sent.',
    '',
  );
  return lines.join('\n');
}

function doubtInWords(doubt: Restored['doubt'], takenAt: string): string[] {
  const width = Math.max(...doubt.map(({ tenant }) => tenant.length));
  return [
    'May have been sent since; now "unknown" (reason "restored"), and nothing sends it by itself:',
    ...doubt.map(
      ({ tenant, deliveries, reminders }) =>
        `  ${tenant.padEnd(width)}  ${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'} of ${reminders} ${reminders === 1 ? 'reminder' : 'reminders'}`,
    ),
    '',
    'What to do:',
    '  1. sollecito start --held     every process: it accepts and shows, and sends nothing',
    `  2. GET /v1/reminders?status=unknown, and the providers’ logs from ${takenAt} on`,
    '  3. POST /v1/reminders/{id}/resolve for each: "sent", "failed", or "resend" (sends it again)',
    '  4. sollecito start',
  ];
}

import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type BackupSummary, writeBackup } from '../store/backup.ts';
import { version } from '../version.ts';
import { CommandFailed, WrongUse } from './command.ts';
import { codeOf } from './failure.ts';
import { onDatabase } from './on-database.ts';
import { stopSignal } from './stop-signal.ts';

/** `sollecito backup`: everything that matters, as one moment saw it, into a file or (`-`) to stdout. */
export async function backup(file: string, options: { force: boolean }): Promise<number> {
  const summary = await (file === '-' ? toStdout() : toFile(path.resolve(file), options.force));
  const rows = Object.values(summary.rows).reduce((sum, n) => sum + n, 0);
  process.stderr.write(`${rows} rows of ${Object.keys(summary.rows).length} tables, as of ${summary.takenAt}\n`);
  process.stderr.write('It holds personal data. Keep SECRET_KEYS too, in another place: it opens what is sealed.\n');
  return 0;
}

async function toStdout(): Promise<BackupSummary> {
  if (process.stdout.isTTY) throw new WrongUse('a backup is no text for a terminal: send stdout into a file or a pipe');
  const signal = stopSignal();
  return onDatabase(async (url) => writeBackup(url, { release: version, into: process.stdout, end: false, signal }));
}

/** Under another name until it is whole and on the disk: what bears the name is a backup. */
async function toFile(target: string, force: boolean): Promise<BackupSummary> {
  await refuseTarget(target, force);
  const signal = stopSignal();
  const draft = `${target}.${randomUUID().slice(0, 8)}.part`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    // `flush`: on the disk before it is closed.
    const into = handle.createWriteStream({ flush: true });
    const summary = await onDatabase(async (url) => writeBackup(url, { release: version, into, end: true, signal }));
    await putInPlace(draft, target, force);
    return summary;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

async function refuseTarget(target: string, force: boolean): Promise<void> {
  const found = await stat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return;
  if (!found.isFile()) throw new CommandFailed(`${target} is not a file: name one, or take - for stdout`);
  if (!force) throw exists(target);
}

function exists(target: string): CommandFailed {
  return new CommandFailed(`${target} exists: --force overwrites it`);
}

async function putInPlace(draft: string, target: string, force: boolean): Promise<void> {
  if (force) {
    await rename(draft, target);
  } else {
    // A link takes no name that somebody else has taken meanwhile; a rename would.
    await link(draft, target).catch(async (error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw exists(target);
      // Some file systems (FAT, some network ones) have no links.
      await rename(draft, target);
    });
  }
  const folder = await open(path.dirname(target));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

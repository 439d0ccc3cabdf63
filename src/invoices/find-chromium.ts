import { execFile } from 'node:child_process';
import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { unpackChromium } from './chromium-package.ts';

const run = promisify(execFile);

/**
 * A browser that was seen to start. `env` is all that it gets of the environment (undefined: it inherits, where a bare
 * one would not do). `note` says in one line which it is and whether its sandbox is on.
 */
export type FoundChromium = { path: string; env: Record<string, string> | undefined; args: string[]; note: string };

/** `missing` says in one line what is wrong and the mend. */
export type ChromiumSearch = FoundChromium | { missing: string };

/**
 * Finds the browser that prints documents: `chromiumPath` when it is given (and then no other), else the one from npm
 * (Linux on x64, unpacked into `dataDir`), else an installed Chrome, Chromium or Edge.
 */
export async function findChromium(where: { chromiumPath: string | null; dataDir: string }): Promise<ChromiumSearch> {
  const dataDir = resolve(where.dataDir);
  if (where.chromiumPath !== null) return givenBrowser(where.chromiumPath, dataDir);
  const packaged = await packagedBrowser(dataDir);
  if (!('missing' in packaged)) return packaged;
  const installed = await installedBrowser(dataDir);
  return installed ?? packaged;
}

async function givenBrowser(path: string, dataDir: string): Promise<ChromiumSearch> {
  const env = await bareEnvironment(dataDir);
  const failure = await startFailure(path, env);
  if (failure === undefined) return found(path, env, `CHROMIUM_PATH (${path})`);
  return { missing: `CHROMIUM_PATH names ${path}, which does not start (${failure}): give the path of a Chromium` };
}

const mend = 'install Chrome or Chromium, or set CHROMIUM_PATH to one';

async function packagedBrowser(dataDir: string): Promise<ChromiumSearch> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: `No Chromium was found on this ${process.platform} ${process.arch} machine: ${mend}` };
  }
  const unpacked = await unpackChromium(dataDir).catch((error: unknown) => ({ failure: firstLine(error) }));
  if ('failure' in unpacked) {
    return {
      missing: `Chromium could not be unpacked into ${dataDir} (${unpacked.failure}): make it writable, or ${mend}`,
    };
  }
  const { path, version, libraries, fontConfig } = unpacked;
  const env = { ...(await bareEnvironment(dataDir)), FONTCONFIG_FILE: fontConfig };
  if ((await startFailure(path, env)) === undefined) return found(path, env, `Chromium from npm (${version})`);
  // A slim machine lacks libnss3 and its kin; the package ships them. Only then, as the machine's own are the newer ones.
  const withLibraries = { ...env, LD_LIBRARY_PATH: libraries };
  const failure = await startFailure(path, withLibraries);
  if (failure === undefined) return found(path, withLibraries, `Chromium from npm (${version}) with its own libraries`);
  return { missing: `Chromium from npm does not start here (${failure}): ${mend}` };
}

async function installedBrowser(dataDir: string): Promise<FoundChromium | undefined> {
  const env = process.platform === 'linux' ? await bareEnvironment(dataDir) : undefined;
  for (const path of installedPaths[process.platform] ?? []) {
    // Windows' chrome.exe opens a window when it is asked for its version: there, to be executable has to do.
    const works =
      process.platform === 'win32' ? await isExecutable(path) : (await startFailure(path, env)) === undefined;
    if (works) return found(path, env, path);
  }
  return undefined;
}

const installedPaths: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    ...['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge'].map(
      (name) => `/usr/bin/${name}`,
    ),
    '/usr/local/bin/chromium',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** Chromium's own sandbox cannot work for root. Elsewhere it is on, and the launch says when the kernel forbids it. */
function found(path: string, env: Record<string, string> | undefined, what: string): FoundChromium {
  const root = process.getuid?.() === 0;
  const note = root ? `${what}, without its sandbox, as this process is root` : `${what}, in its sandbox`;
  return { path, env, args: root ? ['--no-sandbox'] : [], note };
}

// The browser has no business with this process's secrets.
async function bareEnvironment(dataDir: string): Promise<Record<string, string>> {
  const home = join(dataDir, 'chromium', 'home');
  await mkdir(home, { recursive: true }).catch(() => undefined);
  return { HOME: home, PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', TZ: 'UTC' };
}

/** @returns undefined when the program runs and says its version, else in a few words why not. */
async function startFailure(path: string, env: Record<string, string> | undefined): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 15_000, ...(env && { env }) });
    return /\d+\.\d+\.\d+/.test(stdout) ? undefined : 'it does not say its version';
  } catch (error) {
    return firstLine(error);
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function firstLine(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const lines = error.message.split('\n').map((line) => line.trim());
  // execFile puts the command on the first line and what the program said after it.
  return lines.find((line) => line !== '' && !line.startsWith('Command failed')) ?? lines[0] ?? error.name;
}

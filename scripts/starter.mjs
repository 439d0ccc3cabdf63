// Plain JavaScript without a dependency: it runs on whatever Node (20 or newer) the machine has, before anything is
// installed, and hands over to the Node that package-lock.json pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const lockFile = path.join(root, 'package-lock.json');
const installedFile = path.join(root, 'node_modules', '.package-lock.json');
const stampFile = path.join(root, 'node_modules', '.sollecito-lock');
const running = Number(process.versions.node.split('.')[0]);
const oldest = 20;
const wanted = 26;

/**
 * Installs what is missing, then runs a file of this repository on the pinned Node, in the caller's folder, and exits
 * as it does. Nothing but the file itself writes to stdout.
 * @param {string} file from the repository's root
 * @param {string[]} args
 */
export function runHere(file, args) {
  if (running < oldest) fail(`this needs Node ${oldest} or newer; this is ${process.version}`);
  installIfNeeded();
  const node = fittingNode();
  if (node === undefined) {
    fail(`Node ${wanted} is not in node_modules: its install script did not run (is npm's "ignore-scripts" on?)`);
  }
  follow(spawn(node, [path.resolve(root, file), ...args], { stdio: 'inherit' }));
}

function installIfNeeded() {
  // A published package comes without a lock file: npm installed what it needs.
  if (!existsSync(lockFile)) return;
  const complete = fittingNode() !== undefined;
  if (complete && isStamped()) return;
  if (!complete || !matchesLock()) install();
  stamp();
}

function install() {
  process.stderr.write('Installing packages (npm ci) …\n');
  const begun = performance.now();
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // `npm run` names itself, which spares the search for npm.cmd and its quoting rules on Windows.
  const npm = process.env.npm_execpath;
  const own = npm !== undefined && /^npm-cli\.c?js$/.test(path.basename(npm));
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] };
  const done = own
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
        ...options,
        shell: process.platform === 'win32',
      });
  if (done.error) fail(`cannot install the packages: npm does not run (${done.error.message})`);
  if (done.status !== 0) fail(`cannot install the packages: npm ci ended with ${done.status ?? done.signal}`);
  process.stderr.write(`Installed in ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
}

// The stamp spares reading both lock files through: it holds what they were when they last matched.
function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp();
}

function stamp() {
  try {
    writeFileSync(stampFile, currentStamp());
  } catch {
    // A read-only installation is compared at each start.
  }
}

function currentStamp() {
  return [lockFile, installedFile].map(digest).concat(process.platform, process.arch, devWanted()).join(' ');
}

function digest(file) {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'none';
}

/** Whether what npm says it installed is what the lock file asks for, here. */
function matchesLock() {
  if (!existsSync(installedFile)) return false;
  const asked = packagesOf(lockFile);
  const installed = packagesOf(installedFile);
  return Object.entries(asked).every(([place, entry]) => {
    if (place === '' || entry.link) return true;
    const found = installed[place];
    if (found) return found.version === entry.version && existsSync(path.join(root, place));
    if (entry.dev && !devWanted()) return true;
    // Optional ones without a platform of their own belong to ones that have.
    return Boolean(entry.optional || entry.devOptional) && (!namesPlatform(entry) || !fits(entry));
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    return fail(`cannot read ${file}: ${error.message}`);
  }
}

// npm itself leaves the development packages out then.
function devWanted() {
  return process.env.NODE_ENV !== 'production';
}

function namesPlatform({ os, cpu }) {
  return os !== undefined || cpu !== undefined;
}

function fits({ os, cpu, libc }) {
  return allows(os, process.platform) && allows(cpu, process.arch) && (libc === undefined || allows(libc, ownLibc()));
}

function allows(list, own) {
  return list === undefined || list.includes(own);
}

function ownLibc() {
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

/** The pinned Node; where there is none, the running one if it is new enough. */
function fittingNode() {
  try {
    const folder = path.dirname(createRequire(lockFile).resolve('node/package.json'));
    const program = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(program)) return program;
  } catch {
    // Not installed.
  }
  return running >= wanted ? process.execPath : undefined;
}

/** Lives as long as the child, passes signals on, and ends as it ends. */
function follow(child) {
  let last = { signal: '', at: 0 };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C at a terminal reaches the child by itself; npm sends it to us once more. Twice would read as "at once!".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      const now = performance.now();
      if (last.signal === signal && now - last.at < 1_000) return;
      last = { signal, at: now };
      child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`cannot run Node ${wanted}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function fail(message) {
  process.stderr.write(`sollecito: ${message}\n`);
  process.exit(1);
}

import { existsSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Config } from '../../config.ts';
import { fontFaces } from '../../invoices/document/fonts.ts';
import { findChromium, type FoundChromium } from '../../invoices/find-chromium.ts';
import { PrintBrowser } from '../../invoices/print-browser.ts';
import { codeOf, lineOf } from '../failure.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

const wantedNode = 26;

export function checkNode(): Finding {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) >= wantedNode) return ok(`Node ${node}`);
  return wrong(
    `Node ${node} is too old`,
    `run it by npm (npm start), which takes the Node ${wantedNode} of package.json`,
  );
}

const leastFreeBytes = 500 * 1024 * 1024;

/** Where embedded data, the secret key and the unpacked browser go. */
export async function checkDataFolder({ dataDir }: Config): Promise<Finding> {
  const standing = nearestStanding(dataDir);
  const mend = `make it writable for this user, or set SOLLECITO_DATA_DIR to a folder that is`;
  if (!(await stat(standing)).isDirectory()) return wrong(`${standing} is no folder`, mend);
  try {
    await access(standing, constants.W_OK | constants.X_OK);
  } catch (error) {
    return wrong(`${standing} cannot be written (${codeOf(error) ?? 'no reason given'})`, mend);
  }
  const { bavail, bsize } = await statfs(standing);
  const free = bavail * bsize;
  const room = `${Math.floor(free / 1024 ** 2).toLocaleString('en')} MiB free`;
  if (free < leastFreeBytes) return warning(`${dataDir} has only ${room}`, 'make room: data and browser need 500 MiB');
  return ok(`${dataDir}${standing === dataDir ? '' : ' (made at the first start)'}, ${room}`);
}

function nearestStanding(folder: string): string {
  return existsSync(folder) || path.dirname(folder) === folder ? folder : nearestStanding(path.dirname(folder));
}

/** Whether the API could listen; a running service on the port is as good. */
export async function checkPort({ port, roles }: Config): Promise<Finding> {
  if (port === 0) return ok('a free one is picked (PORT=0)');
  if (await canListen(port)) return ok(`${port} is free`);
  if (await answersAsUs(port)) return ok(`the service is running on ${port}`);
  const mend = 'set PORT to another one';
  if (roles.has('api')) return wrong(`${port} is taken by another program, or may not be opened`, mend);
  return warning(`${port} is taken: health and metrics cannot be asked for there`, mend);
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

async function answersAsUs(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://localhost:${port}/health/live`, { signal: AbortSignal.timeout(2_000) });
    return /"status":"(live|stuck)"/.test(await response.text());
  } catch {
    return false;
  }
}

const noPdf = 'Reminders with a document cannot leave, those without still do';
const printTimeoutMs = 20_000;

/**
 * Finds Chromium as the service does, starts it and prints a page.
 * @param scratch where it is unpacked when the data folder does not have it yet.
 */
export async function checkChromium({ chromiumPath, dataDir, production }: Config, scratch: string): Promise<Finding> {
  const unpacked = existsSync(path.join(dataDir, 'chromium'));
  const found = await findChromium({ chromiumPath, dataDir: unpacked ? dataDir : scratch });
  if ('missing' in found) {
    const [detail = '', mend = 'install Chrome or Chromium, or set CHROMIUM_PATH to one'] = found.missing.split('): ');
    return wrong(`${found.missing.includes('): ') ? `${detail})` : detail}. ${noPdf}`, mend);
  }
  try {
    const note = await printWith(found);
    if (!note.includes('without its sandbox') || !production) return ok(`prints: ${note}`);
    return warning(`prints: ${note}`, 'run the service as an ordinary user, and allow it user namespaces');
  } catch (error) {
    return wrong(
      `${found.path} starts but does not print (${lineOf(error)}). ${noPdf}`,
      'set CHROMIUM_PATH to another',
    );
  }
}

async function printWith(found: FoundChromium): Promise<string> {
  const browser = await PrintBrowser.launch(found);
  try {
    const html = '<!doctype html><html lang="en"><title>Doctor</title><p>Doctor</p></html>';
    const pdf = await browser.print({ html, title: 'Doctor', language: 'en' }, 'doctor', printTimeoutMs);
    if (Buffer.from(pdf.subarray(0, 5)).toString() !== '%PDF-') throw new Error('what it printed is no PDF');
    return browser.note;
  } finally {
    await browser.close();
  }
}

export function checkFonts(): Finding {
  try {
    fontFaces('àŁ');
    return ok('Inter is at hand for documents');
  } catch (error) {
    return wrong(`the fonts of documents are missing (${lineOf(error)})`, 'install the packages again: npm ci');
  }
}

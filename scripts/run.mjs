// node scripts/run.mjs FILE ARGS…: what the scripts of package.json run.
import { runHere } from './starter.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node scripts/run.mjs FILE [ARGS…]\n');
  process.exit(2);
}
runHere(file, args);

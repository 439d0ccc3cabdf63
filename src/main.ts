import { start } from './commands/start.ts';

process.exitCode = await start();

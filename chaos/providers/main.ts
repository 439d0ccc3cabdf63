import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Providers } from './providers.ts';

// `main.ts --seed S [--time-scale F] [--ledger FILE] [--max-message-bytes N]`: the providers as a process of their own.
// Says one line on stdout when it is ready (`readySchema`), and ends at SIGTERM.

const options = z
  .strictObject({
    seed: z.string(),
    'time-scale': z.coerce.number().positive().max(1).default(1),
    ledger: z.string().optional(),
    'max-message-bytes': z.coerce.number().int().positive().optional(),
  })
  .parse(
    parseArgs({
      options: {
        seed: { type: 'string' },
        'time-scale': { type: 'string' },
        ledger: { type: 'string' },
        'max-message-bytes': { type: 'string' },
      },
    }).values,
  );

const providers = new Providers({
  seed: options.seed,
  scale: options['time-scale'],
  ledgerFile: options.ledger,
  maxMessageBytes: options['max-message-bytes'],
});
process.stdout.write(`${JSON.stringify(await providers.start())}\n`);

let stopping: Promise<void> | undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stopping ??= providers.stop().finally(() => process.exit());
  });
}

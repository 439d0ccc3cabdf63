import { randomUUID } from 'node:crypto';
import express from 'express';
import { Pool } from 'pg';
import { z } from 'zod';
import { serve } from './child.ts';

// What one would write in five minutes: Express, JSON, one INSERT, 202. No key, no quota, no checks, no events.

const options = z.object({ databaseUrl: z.string(), poolMax: z.number() });

serve(async (message) => {
  const { databaseUrl, poolMax } = options.parse(message);
  const pool = new Pool({ connectionString: databaseUrl, max: poolMax });
  await pool.query(
    'CREATE TABLE reminder (id uuid PRIMARY KEY, body jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
  );
  const app = express();
  app.use(express.json({ limit: '10mb' }));
  app.post('/one', async (request, response) => {
    const id = randomUUID();
    await pool.query({
      name: 'one',
      text: 'INSERT INTO reminder (id, body) VALUES ($1, $2)',
      values: [id, request.body],
    });
    response.status(202).json({ id });
  });
  app.post('/batch', async (request, response) => {
    const { reminders } = z.object({ reminders: z.array(z.unknown()) }).parse(request.body);
    const ids = reminders.map(() => randomUUID());
    await pool.query({
      name: 'batch',
      text: 'INSERT INTO reminder (id, body) SELECT * FROM unnest($1::uuid[], $2::jsonb[])',
      values: [ids, reminders.map((reminder) => JSON.stringify(reminder))],
    });
    response.json({ ids });
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = app.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
  });
  return { port: await promise };
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApi } from './support/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(async () => {
  await api.stop();
});

test('it starts', async () => {
  const answer = await api.call('GET', '/v1/tenant');
  console.log(answer.text, Object.fromEntries(answer.headers));
  expect(answer.status).toBe(200);
  console.log((await api.call('PATCH', '/v1/tenant', { body: { name: 'X', sender: { email: 'a@b.it' }, quietHours: { from: '21:00', to: '08:00' } } })).text);
  console.log((await api.call('PATCH', '/v1/tenant', { body: { nme: 'X', sender: { email: 'a' }, quietHours: { from: '21:00', to: '21:00' } } })).text);
  console.log((await api.call('PUT', '/v1/tenant')).text);
  console.log(api.logLines.join(''));
});

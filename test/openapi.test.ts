import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsRouter } from '../src/api/docs.ts';
import { openApiDocument } from '../src/api/openapi.ts';
import { operations } from '../src/api/operations.ts';
import { problems } from '../src/api/problems.ts';
import { TestApi } from './support/api.ts';

const document = openApiDocument(operations, '0.1.0');
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  test('has every operation once, under an id of its own', () => {
    expect(described).toHaveLength(operations.length);
    expect(new Set(operations.map((operation) => operation.id)).size).toBe(operations.length);
  });

  test.each(described)(
    '$method $path has replies, its problems, and a parameter for each placeholder',
    ({ path, operation }) => {
      const statuses = Object.keys(operation.responses);
      expect(statuses.some((status) => status.startsWith('2'))).toBe(true);
      expect(statuses).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
      const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(parameters.map((parameter) => parameter.name)).toEqual(placeholders);
      for (const { description } of Object.values(operation.responses)) expect(description).not.toBe('');
    },
  );

  test('every reference leads somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(references.length).toBeGreaterThan(0);
    for (const reference of new Set(references)) {
      expect(Object.keys(document.components.schemas)).toContain(reference.replace('#/components/schemas/', ''));
    }
  });

  test('says what goes in before it is read: fields, their forms, and that others are refused', () => {
    const body = document.paths['/v1/customers/{ref}']?.['put']?.requestBody?.content['application/json']?.schema;
    expect(body).toMatchObject({ required: ['name'], additionalProperties: false });
    expect(body?.properties?.['pausedUntil']).toMatchObject({
      anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }],
    });
    const batch = document.paths['/v1/customers/batch']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(batch?.properties?.['customers']?.items).toMatchObject({ required: ['ref', 'name'] });
  });

  test('tells the headers of replies', () => {
    const headersOf = (path: string, method: string, status: string): string[] =>
      Object.keys(document.paths[path]?.[method]?.responses[status]?.headers ?? {});
    expect(headersOf('/v1/reminders', 'post', '202')).toEqual(['Location', 'Idempotent-Replayed']);
    expect(headersOf('/v1/reminders', 'post', '409')).toEqual(['Retry-After']);
    expect(headersOf('/v1/quota', 'get', '503')).toEqual(['Retry-After']);
    expect(headersOf('/v1/quota', 'get', '200')).toEqual([]);
    for (const path of ['/v1/tenant', '/v1/customers/{ref}', '/v1/bank-accounts/{ref}', '/v1/due-dates/{ref}']) {
      expect(headersOf(path, 'get', '200'), path).toEqual(['ETag']);
    }
  });

  test('leaves replies open to new fields', () => {
    const reply = document.paths['/v1/quota']?.['get']?.responses['200']?.content?.['application/json']?.schema;
    expect(reply).not.toHaveProperty('additionalProperties');
  });
});

test('docs/problems.md lists the problems of the table, no more and no less', async () => {
  const text = await readFile(new URL('../docs/problems.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| (\d{3}) \| `([\w-]+)` \| ([^|]+) \|/gm)].map(([, status, name, title]) => [
    name,
    Number(status),
    title,
  ]);
  expect(rows).toEqual(Object.entries(problems).map(([name, { status, title }]) => [name, status, title]));
});

describe('the pages', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start({ routers: () => [docsRouter(operations, '0.1.0')] });
  });
  afterAll(async () => {
    await api.stop();
  });

  test('are served without a key', async () => {
    const json = await api.call('GET', '/openapi.json', { key: null });
    expect(json).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    const page = await api.call('GET', '/docs', { key: null });
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    for (const { path, operation } of described) {
      expect(page.text).toContain(`<code>${path}</code>`);
      expect(page.text).toContain(`id="${operation.operationId}"`);
    }
    expect(page.text).not.toMatch(/<script|https?:\/\/(?!example)/);
  });
});

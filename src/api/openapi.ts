import { z } from 'zod';
import { bodySchema, type JsonSchema, replySchema, type SharedSchemas } from './json-schema.ts';
import type { Operation } from './operation.ts';
import { type ProblemName, problems } from './problems.ts';
import { replyHeaders } from './reply-headers.ts';

export type OpenApiDocument = {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: SharedSchemas; securitySchemes: Record<string, Record<string, string>> };
};

export type OperationObject = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters: ParameterObject[];
  requestBody?: { required: boolean; content: Record<string, MediaObject> };
  responses: Record<string, ResponseObject>;
};

type ResponseObject = {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Record<string, MediaObject>;
};
type MediaObject = { schema?: JsonSchema; examples?: Record<string, { value: unknown }> };
type ParameterObject = {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
};

/** The OpenAPI 3.1 page of the operations. Everything in it comes from their declarations. */
export function openApiDocument(operations: readonly Operation[], version: string): OpenApiDocument {
  const schemas: SharedSchemas = { Problem: replySchema(problemReply, {}) };
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sollecito',
      version,
      description: 'Payment reminders by email and SMS: accepted once, sent once, explained always.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes },
  };
}

const securitySchemes = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    description: "A tenant's key, for the scope platform a platform key: Authorization: Bearer slk_…",
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'sollecito_session',
    description:
      "An operator's session, with the headers Sollecito-Tenant (not for the scope platform, which is for admins) and, for changes, X-CSRF-Token",
  },
};

const problemReply = z.strictObject({
  type: z.string().meta({ examples: ['urn:sollecito:problem:invalid-request'] }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  requestId: z.string(),
  errors: z
    .array(
      z.strictObject({
        path: z.string().describe('JSON Pointer (RFC 6901) into the body, or /query/…, /path/…, /header/…'),
        code: z.string(),
        message: z.string(),
      }),
    )
    .optional(),
});

function operationObject(operation: Operation, schemas: SharedSchemas): OperationObject {
  const requestBody = bodyObject(operation, schemas);
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    security: [{ apiKey: [operation.scope] }, { session: [] }],
    parameters: [
      ...fieldParameters('path', operation.params, schemas),
      ...fieldParameters('query', operation.query, schemas),
      ...headers(operation),
    ],
    ...(requestBody ? { requestBody } : {}),
    responses: { ...replies(operation, schemas), ...problemReplies(operation) },
  };
}

function fieldParameters(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  schemas: SharedSchemas,
): ParameterObject[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = bodySchema(schema, schemas);
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: field,
  }));
}

function headers(operation: Operation): ParameterObject[] {
  return Object.entries(operation.requestHeaders ?? {}).map(([name, { required, description }]) => ({
    name: name.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase()),
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  }));
}

function bodyObject(operation: Operation, schemas: SharedSchemas): OperationObject['requestBody'] {
  const content: Record<string, MediaObject> = {};
  if (operation.body) content['application/json'] = { schema: bodySchema(operation.body, schemas) };
  // OpenAPI 3.1: a body of bytes has no schema.
  for (const mediaType of operation.takesBytes ?? []) content[mediaType] = {};
  return Object.keys(content).length > 0 ? { required: true, content } : undefined;
}

function replies(operation: Operation, schemas: SharedSchemas): OperationObject['responses'] {
  const told = operation.replyHeaders?.map((name) => [name, headerObject(replyHeaders[name])]) ?? [];
  const headers = told.length > 0 ? { headers: Object.fromEntries(told) } : {};
  return Object.fromEntries(
    Object.entries(operation.replies).map(([status, { description, schema, mediaType = 'application/json' }]) => {
      const hasContent = schema !== undefined || mediaType !== 'application/json';
      const media: MediaObject = schema ? { schema: replySchema(schema, schemas) } : {};
      return [status, { description, ...headers, ...(hasContent ? { content: { [mediaType]: media } } : {}) }];
    }),
  );
}

function problemReplies(operation: Operation): OperationObject['responses'] {
  const byStatus = Map.groupBy(problemsOf(operation), (name) => problems[name].status);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      String(status),
      {
        description: names.map((name) => `\`${name}\`: ${problems[name].title}`).join('; '),
        ...(names.some((name) => passing.has(name)) ? { headers: retryAfter } : {}),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(names.map((name) => [name, { value: problemExample(name) }])),
          },
        },
      },
    ]),
  );
}

// What passes by itself, so that their replies say after how long to come back.
const passing: ReadonlySet<ProblemName> = new Set(['idempotency-key-in-flight', 'too-many-requests', 'unavailable']);
const retryAfter = { 'Retry-After': headerObject('Seconds after which to try again', 'integer') };

function headerObject(description: string, type = 'string') {
  return { description, schema: { type } };
}

/** Those that the operation names, and those that its form makes possible. */
function problemsOf(operation: Operation): ProblemName[] {
  const takesInput = operation.params ?? operation.query ?? operation.body;
  const takesBody = operation.body !== undefined || operation.takesBytes !== undefined;
  return [
    ...new Set<ProblemName>([
      ...(takesInput ? (['invalid-request'] as const) : []),
      'unauthorized',
      'forbidden',
      ...operation.problems,
      ...(takesBody ? (['content-too-large', 'unsupported-media-type'] as const) : []),
      'internal-error',
      'unavailable',
    ]),
  ];
}

function problemExample(name: ProblemName): Record<string, unknown> {
  const { status, title } = problems[name];
  const errors = [{ path: '/dueOn', code: 'invalid-date', message: 'must be a day that exists, as YYYY-MM-DD' }];
  return {
    type: `urn:sollecito:problem:${name}`,
    title,
    status,
    detail: `${title}.`,
    requestId: '4f5c9f0e-6d0f-4f0b-9a43-2f3a5d0c7b11',
    ...(name === 'invalid-request' ? { errors } : {}),
  };
}

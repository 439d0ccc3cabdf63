import { z } from 'zod';
import { standsFor } from './schemas.ts';

/** The part of JSON Schema (2020-12) that our schemas come to. */
export type JsonSchema = z.output<typeof jsonSchema>;

const jsonSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  examples: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), jsonSchema).optional();
  },
  get items() {
    return jsonSchema.optional();
  },
  get anyOf() {
    return z.array(jsonSchema).optional();
  },
  get $defs() {
    return z.record(z.string(), jsonSchema).optional();
  },
});

/** What may be sent: the form before it is read into values of the domain. */
export function bodySchema(schema: z.ZodType): JsonSchema {
  return convert(schema, 'input', ({ json, zod }) => {
    const item = zod.meta()?.[standsFor];
    if (!(item instanceof z.ZodType)) return;
    delete json[standsFor];
    Object.assign(json, bodySchema(item));
  });
}

/**
 * What leaves. Open to new fields, since replies may grow.
 * @param shared takes the schemas that have a name (`meta({ id })`), for `#/components/schemas/`.
 */
export function replySchema(schema: z.ZodType, shared: Record<string, JsonSchema>): JsonSchema {
  const { $defs = {}, ...converted } = convert(schema, 'output', ({ json }) => {
    if (json['additionalProperties'] === false) delete json['additionalProperties'];
    // `format` says it; zod's pattern beside it fills half a screen.
    if (json['format'] === 'date-time') delete json['pattern'];
    if (typeof json['$ref'] === 'string') json['$ref'] = json['$ref'].replace('#/$defs/', '#/components/schemas/');
  });
  Object.assign(shared, $defs);
  return converted;
}

type Visit = (place: { json: Record<string, unknown>; zod: z.ZodType }) => void;

function convert(schema: z.ZodType, io: 'input' | 'output', visit: Visit): JsonSchema {
  const converted = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodType) visit({ json: jsonSchema, zod: zodSchema });
    },
  });
  // What zod adds for itself is no part of the page.
  const {
    $schema: _dialect,
    '~standard': _standard,
    ...plain
  } = jsonSchema.parse(JSON.parse(JSON.stringify(converted)));
  return plain;
}

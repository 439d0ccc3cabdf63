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

/** Schemas that have a name (`meta({ id })`), as they stand under `#/components/schemas/`. */
export type SharedSchemas = Record<string, JsonSchema>;

/** What may be sent: the form before it is read into values of the domain. A name gets `Input` behind it. */
export function bodySchema(schema: z.ZodType, shared: SharedSchemas): JsonSchema {
  return convert(schema, { io: 'input', suffix: 'Input', shared }, (json, zod) => {
    const examples = zod instanceof z.ZodObject ? zod.meta()?.['examples'] : undefined;
    // zod takes the examples of what is transformed for those of its output; ours are always what may be sent.
    if (examples !== undefined) json['examples'] = examples;
    const item = zod.meta()?.[standsFor];
    if (!(item instanceof z.ZodType)) return;
    delete json[standsFor];
    Object.assign(json, bodySchema(item, shared));
  });
}

/** What leaves. Open to new fields, since replies may grow. */
export function replySchema(schema: z.ZodType, shared: SharedSchemas): JsonSchema {
  return convert(schema, { io: 'output', suffix: '', shared }, (json) => {
    if (json['additionalProperties'] === false) delete json['additionalProperties'];
    // `format` says it; zod's pattern beside it fills half a screen.
    if (json['format'] === 'date-time' || json['format'] === 'date') delete json['pattern'];
  });
}

type Direction = { io: 'input' | 'output'; suffix: string; shared: SharedSchemas };

function convert(
  schema: z.ZodType,
  { io, suffix, shared }: Direction,
  visit: (json: Record<string, unknown>, zod: z.ZodType) => void,
): JsonSchema {
  const converted = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodType) visit(jsonSchema, zodSchema);
    },
  });
  const text = JSON.stringify(converted).replaceAll(/"#\/\$defs\/([^"]+)"/g, `"#/components/schemas/$1${suffix}"`);
  // What zod adds for itself is no part of the page.
  const { $schema: _dialect, '~standard': _standard, $defs = {}, ...plain } = jsonSchema.parse(JSON.parse(text));
  for (const [name, { id: _id, ...named }] of Object.entries($defs)) shared[name + suffix] = named;
  return plain;
}

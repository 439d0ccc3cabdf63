import type { JsonSchema } from './json-schema.ts';

/** A schema as a developer would jot it down: `{ name: string, kind?: "business" | "consumer" }`, one field a line. */
export function schemaText(schema: JsonSchema, indent = ''): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map((branch) => schemaText(branch, indent)).join(' | ');
  if (schema.items) return `[${schemaText(schema.items, indent)}]`;
  if (schema.properties) return objectText(schema, indent);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any']);
  return types.join(' | ') + detail(schema);
}

function objectText({ properties = {}, required = [] }: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, field]) => {
    const remark = field.description === undefined ? '' : `  // ${field.description}`;
    return `${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaText(field, inner)}${remark}`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function detail(schema: JsonSchema): string {
  const example: unknown = schema.examples?.[0];
  const parts = [schema.format, example === undefined ? undefined : `e.g. ${JSON.stringify(example)}`];
  const known = parts.filter((part) => part !== undefined);
  return known.length > 0 ? ` (${known.join(', ')})` : '';
}

import type { z } from 'zod';
import { boundInWords, typeInWords } from './issue-words.ts';
import { type FieldError, Problem } from './problems.ts';

type Schemas<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = { params?: P; query?: Q; body?: B };
type Came = { params: unknown; query: unknown; body: unknown };

// A batch of wrong items would otherwise answer with more text than it was sent.
const mostErrors = 100;

/**
 * Checks the path, the query and the body of a request against an operation's schemas, all three at once, so that
 * the caller reads every mistake in one reply. What has no schema must be empty.
 * @throws Problem `invalid-request` with a JSON Pointer for each mistake.
 */
export function checked<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  schemas: Schemas<P, Q, B>,
  came: Came,
): { params: z.output<P>; query: z.output<Q>; body: z.output<B> };
// What has no schema comes out as undefined: its type is then the widest one, unknown.
export function checked(schemas: Schemas<z.ZodType, z.ZodType, z.ZodType>, came: Came): Came {
  const params = check(schemas.params, came.params, '/path');
  const query = check(schemas.query, came.query, '/query');
  const body = check(schemas.body, came.body, '');
  const errors = [...params.errors, ...query.errors, ...body.errors];
  if (errors.length > 0) throw invalidRequest(errors);
  return { params: params.value, query: query.value, body: body.value };
}

/**
 * Checks one value, such as an item of a batch that stands alone.
 * @param at the JSON Pointer of the value; an item's own problem counts from the item.
 * @throws Problem `invalid-request`.
 */
export function checkedValue<S extends z.ZodType>(schema: S, value: unknown, at = ''): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw invalidRequest(fieldErrors(result.error.issues, at));
}

/** The problem for mistakes that were found by hand: `invalidRequest([{ path: '/iban', code: …, message: … }])`. */
export function invalidRequest(errors: readonly FieldError[]): Problem {
  const first = errors[0];
  const where = first === undefined ? '' : ` ${first.path === '' ? 'The body' : first.path}: ${first.message}`;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Problem('invalid-request', `The request cannot be read.${where}${more}`, {
    errors: errors.slice(0, mostErrors),
  });
}

/** What the work gives, or the problem that it throws: for an item of a batch, which stands alone. */
export function attempt<T>(work: () => T): T | Problem {
  try {
    return work();
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
}

/** Whether a caught error is a problem to answer with; anything else is a bug and must be thrown on. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

type Checked = { value: unknown; errors: FieldError[] };

function check(schema: z.ZodType | undefined, value: unknown, at: string): Checked {
  if (!schema) {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    if (value !== undefined && typeof value !== 'object') return { value: undefined, errors: [unexpected(at)] };
    return { value: undefined, errors: keys.map((key) => unknownField(`${at}/${pointerPart(key)}`)) };
  }
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { value: result.data, errors: [] };
  return { value: undefined, errors: fieldErrors(result.error.issues, at) };
}

function fieldErrors(issues: readonly z.core.$ZodIssue[], at: string): FieldError[] {
  const errors = issues.flatMap((issue) => issueErrors(issue, at));
  const ofWrongType = new Set(errors.filter(({ code }) => code === 'wrong-type').map(({ path }) => path));
  // zod goes on to measure what has a length: of a string for a list it would say that it has too many characters.
  return errors.filter(({ path, code }) => code === 'wrong-type' || !ofWrongType.has(path));
}

function issueErrors(issue: z.core.$ZodIssue, at: string): FieldError[] {
  const path = at + issue.path.map((part) => `/${pointerPart(String(part))}`).join('');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(`${path}/${pointerPart(key)}`));
    case 'invalid_type':
      if (issue.input === undefined) return [{ path, code: 'required', message: 'is required' }];
      return [{ path, code: 'wrong-type', message: `must be ${typeInWords(issue.expected)}` }];
    case 'invalid_union':
      return unionErrors(issue, path);
    case 'custom':
      return [{ path, code: customCode(issue), message: issue.message }];
    case 'invalid_value':
      if (issue.input === undefined) return [{ path, code: 'required', message: 'is required' }];
      return [{ path, code: 'invalid-value', message: `must be one of: ${issue.values.map(String).join(', ')}` }];
    case 'invalid_key':
    case 'invalid_element':
      return fieldErrors(issue.issues, path).map((error) => ({ ...error, code: 'invalid-key' }));
    case 'too_small':
    case 'too_big':
      return [{ path, code: issue.code.replaceAll('_', '-'), message: boundInWords(issue) }];
    case 'not_multiple_of':
      return [{ path, code: 'not-multiple-of', message: `must be a multiple of ${issue.divisor}` }];
    case 'invalid_format':
      return [{ path, code: 'invalid-format', message: 'does not have the form that it should have' }];
  }
  return [{ path, code: 'invalid', message: 'is not valid' }];
}

// Of a union's branches, the one whose outer form fits what came tells what is wrong inside it.
function unionErrors(issue: z.core.$ZodIssueInvalidUnion, path: string): FieldError[] {
  if (issue.input === undefined) return [{ path, code: 'required', message: 'is required' }];
  const outer = (candidate: z.core.$ZodIssue): boolean =>
    candidate.code === 'invalid_type' && candidate.path.length === 0;
  const fitting = issue.errors.find((branch) => !branch.some(outer));
  if (fitting) return fieldErrors(fitting, path);
  const expected = issue.errors
    .flat()
    .flatMap((branch) => (branch.code === 'invalid_type' ? [typeInWords(branch.expected)] : []));
  const wanted = expected.length > 0 ? `must be ${[...new Set(expected)].join(' or ')}` : 'is not valid';
  return [{ path, code: 'wrong-type', message: wanted }];
}

function customCode(issue: z.core.$ZodIssueCustom): string {
  const code: unknown = issue.params?.['code'];
  return typeof code === 'string' ? code : 'invalid';
}

function unknownField(path: string): FieldError {
  return { path, code: 'unknown-field', message: 'is not known here' };
}

function unexpected(path: string): FieldError {
  return { path, code: 'unexpected', message: 'is not taken here' };
}

// RFC 6901 §3
function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

import type { z } from 'zod';
import type { TenantId } from '../domain/ids.ts';
import type { Scope, TenantScope } from '../domain/scopes.ts';
import type { ApiParts } from './parts.ts';
import { checked } from './checked.ts';
import type { ProblemName } from './problems.ts';
import type { ReplyHeader } from './reply-headers.ts';

/** Who calls, for events and the audit log: actor is `key:key_…` or `operator:opr_…`. */
export type Caller = { tenant: TenantId; actor: string; origin: 'api' | 'operator' };
/** Who may do what concerns all tenants, and speaks for none. */
export type PlatformCaller = Omit<Caller, 'tenant'> & { tenant: null };

export type Call<Params, Query, Body, Who extends Caller | PlatformCaller = Caller> = {
  parts: ApiParts;
  caller: Who;
  params: Params;
  query: Query;
  body: Body;
  /** The body as it came: for operations that take bytes. */
  raw: Uint8Array;
  header: (name: string) => string | undefined;
  requestId: string;
};

/** `json` is serialised; `text` is JSON that must leave to the letter; `bytes` anything else. */
export type Reply = { status: number; headers?: Partial<Record<ReplyHeader, string>> } & (
  | { json: unknown }
  | { text: string }
  | { bytes: Uint8Array; mediaType: string }
  | { empty: true }
);

export const ordinaryBody = 1024 * 1024;
export const largeBody = 10 * ordinaryBody;

type Declaration<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, S extends Scope = TenantScope> = {
  method: 'get' | 'put' | 'patch' | 'post' | 'delete';
  /** As OpenAPI writes it: `/v1/customers/{ref}`. */
  path: string;
  /** Unique, camelCase: `putCustomer`. */
  id: string;
  tag: string;
  summary: string;
  description?: string;
  scope: S;
  params?: P;
  query?: Q;
  /** Absent: no JSON body is taken. */
  body?: B;
  /** Media types taken as bytes, beside or instead of JSON. */
  takesBytes?: readonly string[];
  /** In bytes; ordinaryBody unless told. */
  bodyLimit?: number;
  requestHeaders?: Readonly<Record<string, { required: boolean; description: string }>>;
  /** Those that its replies (not its problems) may carry. */
  replyHeaders?: readonly ReplyHeader[];
  replies: Readonly<Record<number, { description: string; schema?: z.ZodType; mediaType?: string }>>;
  /** Beside those that any operation may answer with (401, 403, 413, 500 …). */
  problems: readonly ProblemName[];
  handle: (
    call: Call<z.output<P>, z.output<Q>, z.output<B>, S extends 'platform' ? PlatformCaller : Caller>,
  ) => Promise<Reply>;
};

/** What the router and the OpenAPI page are both made from. */
export type Operation = Omit<Declaration<z.ZodType, z.ZodType, z.ZodType, Scope>, 'handle'> & {
  /** Checks what came against the schemas (throws Problem `invalid-request`), then does the work. */
  run(call: Call<unknown, unknown, unknown, Caller | PlatformCaller>): Promise<Reply>;
};

/** Declares an operation of a tenant: method, path, schemas, replies, problems and handler in one place. */
export function operation<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  declaration: Declaration<P, Q, B>,
): Operation {
  const { handle, ...described } = declaration;
  return {
    ...described,
    async run({ caller, ...call }) {
      if (caller.tenant === null) throw new Error(`${declaration.id} was called without a tenant`);
      return handle({ ...call, caller, ...checked(declaration, call) });
    },
  };
}

/** The same for what concerns all tenants: its caller has none, and it works on `parts.service`. */
export function platformOperation<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  declaration: Declaration<P, Q, B, 'platform'>,
): Operation {
  const { handle, ...described } = declaration;
  return {
    ...described,
    async run({ caller, ...call }) {
      if (caller.tenant !== null) throw new Error(`${declaration.id} was called for a tenant`);
      return handle({ ...call, caller, ...checked(declaration, call) });
    },
  };
}

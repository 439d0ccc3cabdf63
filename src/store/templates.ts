import { randomUUIDv7 } from 'node:crypto';
import type { Channel } from '../domain/delivery-facts.ts';
import type { TenantId } from '../domain/ids.ts';
import type { Queryable } from './database.ts';
import { toInstant } from './instants.ts';

/** Which of a tenant's templates: one for each kind of message, channel and language. */
export type TemplateName = { readonly key: string; readonly channel: Channel; readonly locale: string };

/** What was uploaded, and what its MJML compiled to (Liquid tags kept). */
export type TemplateVersion = {
  readonly version: number;
  readonly subject: string | null;
  readonly text: string;
  readonly mjml: string | null;
  readonly html: string | null;
};

export type TemplateUpload = { readonly version: number; readonly actor: string; readonly createdAt: Temporal.Instant };
/** `version` null: ours again. */
export type TemplateActivation = {
  readonly version: number | null;
  readonly actor: string;
  readonly at: Temporal.Instant;
};

type By = { readonly actor: string; readonly now: Temporal.Instant };

/** One version, or the newest. Its content never changes. */
export async function findTemplate(
  client: Queryable,
  tenant: TenantId,
  { key, channel, locale }: TemplateName,
  version: number | 'newest',
): Promise<TemplateVersion | undefined> {
  const { rows } = await client.query<TemplateVersion>(
    `SELECT version, subject, text, mjml, html FROM sollecito.template_version
     WHERE tenant_id = $1 AND key = $2 AND channel = $3 AND locale = $4 AND ($5::integer IS NULL OR version = $5)
     ORDER BY version DESC LIMIT 1`,
    [tenant, key, channel, locale, version === 'newest' ? null : version],
  );
  return rows[0];
}

/** Which versions stand, by `overdue email it`; what is not in it is ours. */
export async function standingTemplates(client: Queryable, tenant: TenantId): Promise<ReadonlyMap<string, number>> {
  return standing(client, tenant, '');
}

/** The same, and nobody changes a template of this tenant until the transaction ends. */
export async function lockTemplates(client: Queryable, tenant: TenantId): Promise<ReadonlyMap<string, number>> {
  return standing(client, tenant, ' FOR NO KEY UPDATE');
}

async function standing(client: Queryable, tenant: TenantId, lock: string): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ active: Record<string, number> }>(
    `SELECT active_templates AS active FROM sollecito.tenant WHERE id = $1${lock}`,
    [tenant],
  );
  return new Map(Object.entries(rows[0]?.active ?? {}));
}

/** Keeps the next version. Under `lockTemplates`, so that two at once get two numbers. @returns its number. */
export async function addTemplate(
  client: Queryable,
  tenant: TenantId,
  { key, channel, locale }: TemplateName,
  content: Omit<TemplateVersion, 'version'>,
  { actor, now }: By,
): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `INSERT INTO sollecito.template_version (id, tenant_id, key, channel, locale, version, subject, text, mjml, html, actor, created_at)
     SELECT $1, $2, $3, $4, $5, coalesce(max(version), 0) + 1, $6, $7, $8, $9, $10, $11 FROM sollecito.template_version
     WHERE tenant_id = $2 AND key = $3 AND channel = $4 AND locale = $5
     RETURNING version`,
    [
      randomUUIDv7(),
      tenant,
      key,
      channel,
      locale,
      content.subject,
      content.text,
      content.mjml,
      content.html,
      actor,
      now.toString(),
    ],
  );
  const row = rows[0];
  if (!row) throw new Error('a template was not kept');
  return row.version;
}

/**
 * Makes a version stand, or ours again. Under `lockTemplates`. A message that was composed before it
 * and is not claimed yet is composed again (see fingerprint in the domain); the tenant's documents stay as they are.
 */
export async function activateTemplate(
  client: Queryable,
  tenant: TenantId,
  { key, channel, locale }: TemplateName,
  version: number | null,
  { actor, now }: By,
): Promise<void> {
  await client.query(
    `UPDATE sollecito.tenant SET active_templates = CASE WHEN $3::integer IS NULL THEN active_templates - $2::text
         ELSE jsonb_set(active_templates, ARRAY[$2::text], to_jsonb($3::integer)) END
     WHERE id = $1`,
    [tenant, `${key} ${channel} ${locale}`, version],
  );
  await client.query(
    `INSERT INTO sollecito.template_activation (tenant_id, key, channel, locale, version, actor, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [tenant, key, channel, locale, version, actor, now.toString()],
  );
}

/** Who uploaded and who activated what, newest first: at most a hundred of each, and how many there are. */
export async function templateStory(
  client: Queryable,
  tenant: TenantId,
  { key, channel, locale }: TemplateName,
): Promise<{ uploads: TemplateUpload[]; activations: TemplateActivation[]; changes: number }> {
  const values = [tenant, key, channel, locale];
  const where = 'tenant_id = $1 AND key = $2 AND channel = $3 AND locale = $4';
  const uploads = await client.query<{ version: number; actor: string; created_at: string; of: number }>(
    `SELECT version, actor, created_at, count(*) OVER ()::integer AS of FROM sollecito.template_version
     WHERE ${where} ORDER BY version DESC LIMIT 100`,
    values,
  );
  const activations = await client.query<{ version: number | null; actor: string; at: string; of: number }>(
    `SELECT version, actor, at, count(*) OVER ()::integer AS of FROM sollecito.template_activation
     WHERE ${where} ORDER BY at DESC, id DESC LIMIT 100`,
    values,
  );
  return {
    uploads: uploads.rows.map((row) => ({
      version: row.version,
      actor: row.actor,
      createdAt: toInstant(row.created_at),
    })),
    activations: activations.rows.map((row) => ({ version: row.version, actor: row.actor, at: toInstant(row.at) })),
    changes: (uploads.rows[0]?.of ?? 0) + (activations.rows[0]?.of ?? 0),
  };
}

/** How many versions each of the tenant's templates has, and when the last one came: by `overdue email it`. */
export async function countTemplates(
  client: Queryable,
  tenant: TenantId,
): Promise<ReadonlyMap<string, { versions: number; changedAt: Temporal.Instant }>> {
  const { rows } = await client.query<{ name: string; versions: number; changed_at: string }>(
    `SELECT concat_ws(' ', key, channel, locale) AS name, count(*)::integer AS versions, max(created_at) AS changed_at
     FROM sollecito.template_version WHERE tenant_id = $1 GROUP BY key, channel, locale`,
    [tenant],
  );
  return new Map(rows.map((row) => [row.name, { versions: row.versions, changedAt: toInstant(row.changed_at) }]));
}

/** What a key may do. Reads are told from writes by their name. */
export const scopes = ['reminders:write', 'reminders:read', 'data:write', 'data:read', 'settings', 'platform'] as const;
export type Scope = (typeof scopes)[number];
/** `platform` is for what concerns all tenants: keys that belong to none, and admins. */
export type TenantScope = Exclude<Scope, 'platform'>;

/** What a tenant's key without a list has. */
export const usualScopes: readonly TenantScope[] = scopes.filter((scope) => scope !== 'platform');

export const operatorRoles = ['admin', 'operator', 'viewer'] as const;
export type OperatorRole = (typeof operatorRoles)[number];

/** Viewers read, operators work, admins also change settings and what concerns all tenants. */
export const scopesOfRole: Readonly<Record<OperatorRole, readonly Scope[]>> = {
  admin: scopes,
  operator: usualScopes.filter((scope) => scope !== 'settings'),
  viewer: usualScopes.filter((scope) => scope.endsWith(':read')),
};

import { defineEntity, p } from '@mikro-orm/core';

/**
 * The rows that people and other apps write and read one at a time. Relations are plain ids: what joins is
 * hand-written SQL. Dates stay strings (`YYYY-MM-DD`), numerics strings, so that neither a time zone nor a float
 * touches them. A test compares every property with its column.
 */
const id = () => p.uuid().primary();
const instant = () => p.datetime().columnType('timestamptz');
const day = () => p.string().columnType('date');
const numeric = () => p.string().columnType('numeric(18,3)');
const textArray = () => p.array().columnType('text[]');

export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenant',
  properties: {
    id: id(),
    ref: p.text(),
    name: p.text(),
    plan: p.text(),
    senderEmail: p.text().nullable(),
    senderName: p.text().nullable(),
    replyTo: p.text().nullable(),
    smsSender: p.text().nullable(),
    logo: p.text().nullable(),
    colour: p.text().nullable(),
    timeZone: p.text(),
    country: p.text(),
    locale: p.text(),
    unknownPolicy: p.text(),
    contactGapDays: p.integer(),
    quietHours: p.json<{ from: string; to: string }>().nullable(),
    bindsCallers: p.boolean(),
    vatId: p.text().nullable(),
    taxCode: p.text().nullable(),
    smsMaxSegments: p.smallint(),
    activeTemplates: p.json<Record<string, number>>(),
    logoSha256: p.text().nullable(),
    version: p.integer(),
    createdAt: instant(),
    updatedAt: instant(),
  },
});

export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    id: id(),
    tenantId: p.uuid().nullable(),
    name: p.text(),
    prefix: p.text(),
    hash: p.blob(),
    scopes: textArray(),
    createdAt: instant(),
    expiresAt: instant().nullable(),
    revokedAt: instant().nullable(),
  },
});

export const Operator = defineEntity({
  name: 'Operator',
  tableName: 'operator',
  properties: {
    id: id(),
    email: p.text(),
    passwordHash: p.text().nullable(),
    role: p.text(),
    createdAt: instant(),
  },
});

export const OperatorSession = defineEntity({
  name: 'OperatorSession',
  tableName: 'operator_session',
  properties: {
    hash: p.blob().primary(),
    operatorId: p.uuid(),
    csrfToken: p.text(),
    createdAt: instant(),
    expiresAt: instant(),
  },
});

export const Customer = defineEntity({
  name: 'Customer',
  tableName: 'customer',
  properties: {
    id: id(),
    tenantId: p.uuid(),
    ref: p.text(),
    name: p.text(),
    kind: p.text(),
    email: textArray(),
    phone: textArray(),
    pec: p.text().nullable(),
    address: p.json<Record<string, string>>().nullable(),
    locale: p.text().nullable(),
    timeZone: p.text().nullable(),
    vatId: p.text().nullable(),
    taxCode: p.text().nullable(),
    doNotRemind: p.boolean(),
    pausedUntil: day().nullable(),
    version: p.integer(),
    createdAt: instant(),
    updatedAt: instant(),
  },
});

export const BankAccount = defineEntity({
  name: 'BankAccount',
  tableName: 'bank_account',
  properties: {
    id: id(),
    tenantId: p.uuid(),
    ref: p.text(),
    holder: p.text(),
    iban: p.text(),
    bic: p.text().nullable(),
    label: p.text().nullable(),
    isDefault: p.boolean(),
    version: p.integer(),
    createdAt: instant(),
    updatedAt: instant(),
  },
});

export const Invoice = defineEntity({
  name: 'Invoice',
  tableName: 'invoice',
  properties: {
    id: id(),
    tenantId: p.uuid(),
    seller: p.text(),
    number: p.text(),
    year: p.smallint(),
    type: p.text(),
    data: p.json<unknown>(),
    direction: p.text().nullable(),
    pdfSha256: p.text().nullable(),
    createdAt: instant(),
    updatedAt: instant(),
  },
});

export const DueDate = defineEntity({
  name: 'DueDate',
  tableName: 'due_date',
  properties: {
    id: id(),
    tenantId: p.uuid(),
    ref: p.text(),
    customerId: p.uuid(),
    direction: p.text(),
    documentNumber: p.text().nullable(),
    documentDate: day().nullable(),
    documentType: p.text(),
    dueOn: day(),
    amount: numeric(),
    paid: numeric(),
    credited: numeric(),
    currency: p.text(),
    voidedAt: instant().nullable(),
    state: p.text().generated('state').persist(false),
    outstanding: numeric().generated('outstanding').persist(false),
    searched: p.text().generated('searched').persist(false),
    holdReason: p.text().nullable(),
    holdUntil: day().nullable(),
    holdNote: p.text().nullable(),
    paymentMethod: p.text().nullable(),
    bankAccountId: p.uuid().nullable(),
    paymentUrl: p.text().nullable(),
    sequence: p.text().nullable(),
    metadata: p.json<Record<string, unknown>>(),
    invoiceId: p.uuid().nullable(),
    instalment: p.smallint().nullable(),
    ownDocumentId: p.uuid().nullable(),
    reminded: p.boolean(),
    version: p.integer(),
    documentVersion: p.integer(),
    createdAt: instant(),
    updatedAt: instant(),
  },
});

export const Payment = defineEntity({
  name: 'Payment',
  tableName: 'payment',
  properties: {
    id: id(),
    tenantId: p.uuid(),
    dueDateId: p.uuid(),
    ref: p.text(),
    amount: numeric(),
    paidOn: day(),
    createdAt: instant(),
  },
});

export const entities = [Tenant, ApiKey, Operator, OperatorSession, Customer, BankAccount, Invoice, DueDate, Payment];

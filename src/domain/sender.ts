import type { DeliveryFacts } from './delivery-facts.ts';

type Tenant = DeliveryFacts['tenant'];

/** Who an email is from: the tenant's own address, else the service's; always under the tenant's name. */
export function emailSender(tenant: Tenant, serviceAddress: string): { name: string; address: string } {
  return { name: tenant.senderName ?? tenant.name, address: tenant.senderEmail ?? serviceAddress };
}

/** The sender name of an SMS: the tenant's own, else the service's, else (null) the provider account's. */
export function smsSender(tenant: Tenant, serviceName: string | null): string | null {
  return tenant.smsSender ?? serviceName;
}

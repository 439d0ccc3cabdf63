import type { InvoiceAddress } from '../../domain/invoice.ts';
import { type Html, html } from '../../html.ts';
import type { Sheet } from './document-facts.ts';
import { shownLogo } from './logo.ts';

type Who = { name: string; vatId: string | null; taxCode: string | null; address: InvoiceAddress | null };

/** Who sends it: the seller of the invoice under the tenant's logo, or the tenant alone. */
export function issuerBlock(sheet: Sheet): Html {
  const { tenant, invoice } = sheet.facts;
  const address = shownLogo(tenant.logo);
  // Without words of its own, as the name stands below it.
  const logo = address !== null && html`<img src="${address}" alt="" />`;
  if (!invoice) {
    return html`<div class="from">
      ${logo}
      <p class="issuer">${tenant.name}</p>
      ${line(tenant.email)}
    </div>`;
  }
  const { seller } = invoice;
  const contacts = [...seller.phone, ...seller.email].join(' · ');
  return html`<div class="from">
    ${logo}
    <p class="issuer">${seller.name}</p>
    ${details(sheet, seller)}${line(contacts)}
  </div>`;
}

/** Who is to pay. */
export function customerBlock(sheet: Sheet): Html {
  const who = sheet.facts.invoice?.buyer ?? sheet.facts.customer;
  return html`<div>
    <h2>${sheet.words.customer}</h2>
    <p class="who">${who.name}</p>
    ${details(sheet, who)}
  </div>`;
}

function details({ words }: Sheet, who: Who): Html {
  const { address } = who;
  // An Italian firm's tax code is most often its VAT number again.
  const sameCode = who.taxCode !== null && who.vatId === `IT${who.taxCode}`;
  return html`${address && line(address.street)}${address && line(cityLine(address))}
  ${who.vatId !== null && line(`${words.vatId} ${who.vatId}`)}
  ${who.taxCode !== null && !sameCode && line(`${words.taxCode} ${who.taxCode}`)}`;
}

function cityLine({ postalCode, city, province, country }: InvoiceAddress): string {
  const place = [postalCode, city, province !== null && `(${province})`];
  const abroad = country !== null && country !== 'IT' && country;
  return [...place, abroad].filter((part) => typeof part === 'string' && part !== '').join(' ');
}

function line(text: string | null): Html | null {
  return text === null || text === '' ? null : html`<p class="small muted">${text}</p>`;
}

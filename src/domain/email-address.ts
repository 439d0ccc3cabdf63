import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

// RFC 5321 §4.5.3.1: 64 octets for the local part; 254 for the whole, so that it fits a path of 256 with its brackets.
const longest = 254;
const longestLocalPart = 64;
// RFC 5322 §3.2.3 dot-atom. Quoted local parts exist on paper; no mailbox that a firm writes to has one.
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads exactly one bare address (`name+tag@example.it`), no display name, no list.
 * An internationalised domain becomes punycode and the domain small letters, so that equal addresses are equal text.
 * @returns undefined for anything else: control characters, line breaks, two addresses, an IP, more than 254 characters.
 */
export function parseEmailAddress(text: string): string | undefined {
  const trimmed = text.replaceAll(/^ +| +$/g, '');
  const at = trimmed.lastIndexOf('@');
  const local = trimmed.slice(0, at);
  if (at < 1 || local.length > longestLocalPart || !localPart.test(local)) return undefined;
  const domain = parseDomain(trimmed.slice(at + 1));
  if (domain === undefined) return undefined;
  const address = `${local}@${domain}`;
  return address.length <= longest ? address : undefined;
}

/**
 * Each mailbox once, as it was first written. On paper the part before the @ may tell capitals from small letters
 * (RFC 5321 §2.4); no mail system that a firm writes to does, and who gets a message twice is reminded twice.
 */
export function distinctMailboxes(addresses: readonly string[]): string[] {
  return [...Map.groupBy(addresses, (address) => address.toLowerCase()).values()].flatMap((same) => same.slice(0, 1));
}

function parseDomain(text: string): string | undefined {
  // domainToASCII reads as a URL's host would: it must not see what a URL would cut off, decode or forgive.
  if (text.length > longest || /[\s%/\\?#:@[\]<>]|\p{Cc}|\p{Cf}/u.test(text)) return undefined;
  const domain = domainToASCII(text);
  const labels = domain.split('.');
  if (labels.length < 2 || !labels.every((part) => label.test(part))) return undefined;
  return isIP(domain) === 0 && !/^\d+$/.test(labels.at(-1) ?? '') ? domain : undefined;
}

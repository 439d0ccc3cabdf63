/**
 * An image that stands in a message's HTML, as `cid:` and its Content-ID (RFC 2392). The id follows from what the image
 * shows, so equal ids are equal images, in whatever message.
 */
export type InlineImage = { readonly cid: string; readonly name: string } & (
  | {
      readonly kind: 'qr';
      /** The text of the square (EPC069-12). */
      readonly payload: string;
    }
  | {
      readonly kind: 'kept';
      /** The SHA-256 (hex) under which the tenant's image is kept. */
      readonly sha256: string;
    }
);

import type { InlineImage } from '../../domain/inline-image.ts';
import { qrPng } from './qr-png.ts';

/** An image that the HTML of a message shows, with its bytes. */
export type DrawnImage = {
  readonly cid: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** The SHA-256 (hex) under which its bytes are kept for ever; null for those that the message itself must keep. */
  readonly keptAs: string | null;
};

type Kept = { readonly mediaType: string; readonly bytes: Uint8Array };

/**
 * Draws squares and fetches what is kept. One that is not there (never, by the rules of the table) is left out.
 * @param findImage by the SHA-256.
 */
export async function drawInlineImages(
  images: readonly InlineImage[],
  findImage: (sha256: string) => Promise<Kept | undefined>,
): Promise<DrawnImage[]> {
  const drawn = await Promise.all(
    images.map(async (image): Promise<DrawnImage | undefined> => {
      const { cid, name } = image;
      if (image.kind === 'qr')
        return { cid, name, mediaType: 'image/png', bytes: squareOf(image.payload), keptAs: null };
      const kept = await findImage(image.sha256);
      if (!kept) return undefined;
      const { mediaType, bytes } = kept;
      return { cid, name: `${name}.${endingOf(mediaType)}`, mediaType, bytes, keptAs: image.sha256 };
    }),
  );
  return drawn.filter((image) => image !== undefined);
}

/** The HTML with its images in it, for a page instead of a mail program. */
export function withImagesInside(html: string, images: readonly DrawnImage[]): string {
  return images.reduce(
    (page, { cid, mediaType, bytes }) =>
      page.replaceAll(`"cid:${cid}"`, `"data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}"`),
    html,
  );
}

// A message to several recipients, or one that is tried again, shows the same square.
const squares = new Map<string, Buffer>();
const mostSquares = 200;

function squareOf(payload: string): Buffer {
  const known = squares.get(payload);
  if (known) return known;
  const square = qrPng(payload);
  if (squares.size >= mostSquares) squares.clear();
  squares.set(payload, square);
  return square;
}

/** `image/svg+xml` → `svg` */
function endingOf(mediaType: string): string {
  return /^image\/(\w+)/.exec(mediaType)?.[1] ?? 'bin';
}

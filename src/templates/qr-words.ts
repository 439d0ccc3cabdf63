import type { MessageLocale } from '../domain/locale.ts';

/**
 * What stands below the square that a banking app reads, and what stands for it where images are not shown. It pays all
 * that is open, which may be more than what is late: so both say how much.
 */
export const qrWords: Readonly<
  Record<
    MessageLocale,
    { readonly scan: (amount: string) => string; readonly alt: (amount: string, holder: string) => string }
  >
> = {
  it: {
    scan: (amount) => `Inquadri il codice con l’app della Sua banca: ${amount}`,
    alt: (amount, holder) => `Codice QR per il bonifico di ${amount} a ${holder}`,
  },
  en: {
    scan: (amount) => `Scan the code with your banking app: ${amount}`,
    alt: (amount, holder) => `QR code for the transfer of ${amount} to ${holder}`,
  },
  de: {
    scan: (amount) => `Code mit der Banking-App scannen: ${amount}`,
    alt: (amount, holder) => `QR-Code für die Überweisung von ${amount} an ${holder}`,
  },
  fr: {
    scan: (amount) => `Scannez le code avec votre application bancaire\u00A0: ${amount}`,
    alt: (amount, holder) => `Code QR pour le virement de ${amount} à ${holder}`,
  },
  es: {
    scan: (amount) => `Escanee el código con la app de su banco: ${amount}`,
    alt: (amount, holder) => `Código QR para la transferencia de ${amount} a ${holder}`,
  },
};

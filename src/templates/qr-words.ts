import type { MessageLocale } from '../domain/message-facts.ts';

/** What stands below the square that a banking app reads, and what stands for it where images are not shown. */
export const qrWords: Readonly<
  Record<MessageLocale, { readonly scan: string; readonly alt: (amount: string, holder: string) => string }>
> = {
  it: {
    scan: 'Inquadri il codice con l’app della Sua banca',
    alt: (amount, holder) => `Codice QR per il bonifico di ${amount} a ${holder}`,
  },
  en: {
    scan: 'Scan the code with your banking app',
    alt: (amount, holder) => `QR code for the transfer of ${amount} to ${holder}`,
  },
  de: {
    scan: 'Code mit der Banking-App scannen',
    alt: (amount, holder) => `QR-Code für die Überweisung von ${amount} an ${holder}`,
  },
  fr: {
    scan: 'Scannez le code avec votre application bancaire',
    alt: (amount, holder) => `Code QR pour le virement de ${amount} à ${holder}`,
  },
  es: {
    scan: 'Escanee el código con la app de su banco',
    alt: (amount, holder) => `Código QR para la transferencia de ${amount} a ${holder}`,
  },
};

import { expect, test } from 'vitest';
import { saidIn, type Said } from './support/said.ts';

// Word for word, so that no change of a text goes unseen.
const texts: Record<'en' | 'de', Said> = {
  en: {
    greeting: 'Dear Bianchi Costruzioni S.p.A.,',
    friendlyClose:
      'If you have already paid, thank you, and please disregard this message. If you have any questions, please reply to this email. | Kind regards, Officine Rossi S.r.l. | -- Sent by Officine Rossi S.r.l. To reply: amministrazione@officinerossi.example',
    firmClose:
      'If the payment is already on its way, thank you: please let us know its date and details so that we can record it. If you have any questions, please reply to this email. | Yours sincerely, Officine Rossi S.r.l. | -- Sent by Officine Rossi S.r.l. To reply: amministrazione@officinerossi.example',
    courtesy: {
      subject: 'Reminder: invoice no. 2026/12 (instalment 1 of 2), due 2 April 2026',
      says: 'This is a friendly reminder that payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2) is due on 2 April 2026. The amount due is €1,220.00.',
      several:
        'This is a friendly reminder of the upcoming payments for invoice no. 2026/12 of 3 March 2026 (instalments 1 and 2 of 2). The total amount due is €2,440.00.',
      sms: 'Officine Rossi S.r.l.: a reminder that payment for invoice no. 2026/12 (instalment 1 of 2) is due on 02 Apr 2026. Amount due: €1,220.00. | If you have already paid, please disregard this message. Thank you.',
    },
    'due-today': {
      subject: 'Due 2 April 2026: invoice no. 2026/12 (instalment 1 of 2)',
      says: 'Payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2) is due today, 2 April 2026. The amount due is €1,220.00.',
      several:
        'Payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2) is due today, 2 April 2026. The amount due is €1,220.00. For completeness, one payment that is due later is listed as well.',
      sms: 'Officine Rossi S.r.l.: payment for invoice no. 2026/12 (instalment 1 of 2) is due today, 02 Apr 2026. Amount due: €1,220.00. | If you have already paid, please disregard this message. Thank you.',
    },
    overdue: {
      subject: 'Payment not yet received: invoice no. 2026/12 (instalment 1 of 2)',
      says: 'As of 14 April 2026 we have not received full payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2), which was due on 2 April 2026 (12 days ago). The outstanding amount is €1,220.00. | Please arrange payment as soon as possible.',
      several:
        'As of 14 April 2026 we have not received full payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2). The amount outstanding is €1,220.00. For completeness, one payment that is not yet overdue is listed as well. | Please settle the amounts already overdue as soon as possible.',
      sms: 'Officine Rossi S.r.l.: we have not received full payment for invoice no. 2026/12 (instalment 1 of 2), which was due on 02 Apr 2026. Outstanding: €1,220.00. | If you have already paid, please let us know. Replies: amministrazione@officinerossi.example',
    },
    'final-notice': {
      subject: 'Final reminder: invoice no. 2026/12 (instalment 1 of 2)',
      says: 'As of 14 April 2026 we have still not received full payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2), which was due on 2 April 2026 (12 days ago). The outstanding amount is €1,220.00. | Please settle it within 7 days of receiving this message. If we receive neither payment nor a reply within that period, we reserve the right to take the steps that the law provides. | If something stands in the way of payment, please tell us within the same period: we are willing to look for a solution with you.',
      several:
        'As of 14 April 2026 we have still not received full payment for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2). The amount outstanding is €1,220.00. For completeness, one payment that is not yet overdue is listed as well. | Please settle the amounts already overdue within 7 days of receiving this message. If we receive neither payment nor a reply within that period, we reserve the right to take the steps that the law provides. | If something stands in the way of payment, please tell us within the same period: we are willing to look for a solution with you.',
      sms: 'Officine Rossi S.r.l.: final reminder. Payment for invoice no. 2026/12 (instalment 1 of 2) was due on 02 Apr 2026. Please settle within 7 days: €1,220.00. Without payment or a reply we reserve the right to take the steps that the law provides. | If you have already paid, please let us know. Replies: amministrazione@officinerossi.example',
    },
    'thank-you': {
      subject: 'Payment received: invoice no. 2026/12 (instalment 1 of 2)',
      says: 'We have received €500.00 for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2). Thank you. The amount left to pay is €720.00; this payment was due on 2 April 2026 (12 days ago). If you have already paid this as well, there is nothing more for you to do.',
      several:
        'We have received €500.00 for invoice no. 2026/12 of 3 March 2026 (instalment 1 of 2). Thank you. The amount left to pay is €1,940.00 for invoice no. 2026/12 (instalments 1 and 2 of 2); the first due date is 2 April 2026. If you have already paid this as well, there is nothing more for you to do.',
      sms: 'Officine Rossi S.r.l.: we have received €500.00 for invoice no. 2026/12 (instalment 1 of 2). Thank you. The amount left to pay is €720.00; this payment was due on 02 Apr 2026.',
    },
  },
  de: {
    greeting: 'Guten Tag Bianchi Costruzioni S.p.A.,',
    friendlyClose:
      'Falls Sie bereits bezahlt haben, danken wir Ihnen; betrachten Sie diese Nachricht dann bitte als gegenstandslos. Bei Fragen antworten Sie bitte einfach auf diese E-Mail. | Freundliche Grüße Officine Rossi S.r.l. | -- Gesendet von Officine Rossi S.r.l. Ihre Antwort an: amministrazione@officinerossi.example',
    firmClose:
      'Falls Sie die Zahlung bereits veranlasst haben, danken wir Ihnen: Nennen Sie uns dann bitte Datum und Betrag der Überweisung, damit wir sie zuordnen können. Bei Fragen antworten Sie bitte einfach auf diese E-Mail. | Mit freundlichen Grüßen Officine Rossi S.r.l. | -- Gesendet von Officine Rossi S.r.l. Ihre Antwort an: amministrazione@officinerossi.example',
    courtesy: {
      subject: 'Zur Erinnerung: Rechnung Nr. 2026/12 (Rate 1 von 2), fällig am 2. April 2026',
      says: 'wir möchten Sie freundlich an eine Zahlung erinnern: Die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) ist am 2. April 2026 fällig. Der offene Betrag beläuft sich auf 1.220,00 €.',
      several:
        'wir möchten Sie freundlich an die nächsten Zahlungen der Rechnung Nr. 2026/12 vom 3. März 2026 (Raten 1 und 2 von 2) erinnern. Der offene Gesamtbetrag beläuft sich auf 2.440,00 €.',
      sms: 'Officine Rossi S.r.l.: Zur Erinnerung: Die Zahlung der Rechnung Nr. 2026/12 (Rate 1 von 2) ist am 02.04.2026 fällig. Offen: 1.220,00 €. | Bereits bezahlt? Dann ist diese Nachricht gegenstandslos. Danke.',
    },
    'due-today': {
      subject: 'Fällig am 2. April 2026: Rechnung Nr. 2026/12 (Rate 1 von 2)',
      says: 'die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) ist heute, am 2. April 2026, fällig. Der offene Betrag beläuft sich auf 1.220,00 €.',
      several:
        'die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) ist heute, am 2. April 2026, fällig. Der offene Betrag beläuft sich auf 1.220,00 €. Der Vollständigkeit halber ist auch eine später fällige Zahlung aufgeführt.',
      sms: 'Officine Rossi S.r.l.: Die Zahlung der Rechnung Nr. 2026/12 (Rate 1 von 2) ist heute, am 02.04.2026, fällig. Offen: 1.220,00 €. | Bereits bezahlt? Dann ist diese Nachricht gegenstandslos. Danke.',
    },
    overdue: {
      subject: 'Zahlungserinnerung: Rechnung Nr. 2026/12 (Rate 1 von 2)',
      says: 'bis zum 14. April 2026 ist die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) nicht vollständig bei uns eingegangen. Diese Zahlung war am 2. April 2026 fällig (vor 12 Tagen); offen sind 1.220,00 €. | Bitte begleichen Sie den offenen Betrag so bald wie möglich.',
      several:
        'bis zum 14. April 2026 ist die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) nicht vollständig bei uns eingegangen. Offen sind 1.220,00 €. Der Vollständigkeit halber ist auch eine noch nicht überfällige Zahlung aufgeführt. | Bitte begleichen Sie die bereits fälligen Beträge so bald wie möglich.',
      sms: 'Officine Rossi S.r.l.: Die Zahlung der Rechnung Nr. 2026/12 (Rate 1 von 2) war am 02.04.2026 fällig und ist nicht vollständig eingegangen. Bitte zahlen Sie 1.220,00 €. | Bereits bezahlt? Dann geben Sie bitte Bescheid. Antwort: amministrazione@officinerossi.example',
    },
    'final-notice': {
      subject: 'Letzte Zahlungserinnerung: Rechnung Nr. 2026/12 (Rate 1 von 2)',
      says: 'bis zum 14. April 2026 ist die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) noch immer nicht vollständig bei uns eingegangen. Diese Zahlung war am 2. April 2026 fällig (vor 12 Tagen); offen sind 1.220,00 €. | Bitte begleichen Sie den offenen Betrag innerhalb von 7 Tagen nach Erhalt dieser Nachricht. Sollten wir in dieser Zeit weder die Zahlung noch eine Antwort von Ihnen erhalten, behalten wir uns die gesetzlich vorgesehenen Schritte vor. | Sollte der Zahlung etwas entgegenstehen, teilen Sie uns dies bitte in derselben Frist mit: Wir suchen gern mit Ihnen nach einer Lösung.',
      several:
        'bis zum 14. April 2026 ist die Zahlung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) noch immer nicht vollständig bei uns eingegangen. Offen sind 1.220,00 €. Der Vollständigkeit halber ist auch eine noch nicht überfällige Zahlung aufgeführt. | Bitte begleichen Sie die bereits fälligen Beträge innerhalb von 7 Tagen nach Erhalt dieser Nachricht. Sollten wir in dieser Zeit weder die Zahlung noch eine Antwort von Ihnen erhalten, behalten wir uns die gesetzlich vorgesehenen Schritte vor. | Sollte der Zahlung etwas entgegenstehen, teilen Sie uns dies bitte in derselben Frist mit: Wir suchen gern mit Ihnen nach einer Lösung.',
      sms: 'Officine Rossi S.r.l.: Letzte Zahlungserinnerung. Die Zahlung der Rechnung Nr. 2026/12 (Rate 1 von 2) war am 02.04.2026 fällig. Bitte zahlen Sie innerhalb von 7 Tagen 1.220,00 €. Ohne Zahlung oder Antwort behalten wir uns die gesetzlich vorgesehenen Schritte vor. | Bereits bezahlt? Dann geben Sie bitte Bescheid. Antwort: amministrazione@officinerossi.example',
    },
    'thank-you': {
      subject: 'Zahlungseingang: Rechnung Nr. 2026/12 (Rate 1 von 2)',
      says: 'zur Begleichung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) haben wir 500,00 € erhalten. Vielen Dank. Offen sind noch 720,00 €. Diese Zahlung war am 2. April 2026 fällig (vor 12 Tagen). Falls Sie auch dies bereits bezahlt haben, brauchen Sie nichts weiter zu tun.',
      several:
        'zur Begleichung der Rechnung Nr. 2026/12 vom 3. März 2026 (Rate 1 von 2) haben wir 500,00 € erhalten. Vielen Dank. Offen sind noch 1.940,00 € für die Zahlung der Rechnung Nr. 2026/12 (Raten 1 und 2 von 2). Erste Fälligkeit ist der 2. April 2026. Falls Sie auch dies bereits bezahlt haben, brauchen Sie nichts weiter zu tun.',
      sms: 'Officine Rossi S.r.l.: Zur Begleichung der Rechnung Nr. 2026/12 (Rate 1 von 2) haben wir 500,00 € erhalten. Danke. Offen sind noch 720,00 €. Diese Zahlung war am 02.04.2026 fällig.',
    },
  },
};

test.each(['en', 'de'] as const)('%s says', async (locale) => {
  expect(await saidIn(locale)).toEqual(texts[locale]);
});

import { expect, test } from 'vitest';
import { saidIn, type Said } from './support/said.ts';

// Word for word, so that no change of a text goes unseen.
const texts: Record<'it' | 'fr' | 'es', Said> = {
  it: {
    greeting: 'Gentile Bianchi Costruzioni S.p.A.,',
    friendlyClose:
      'Se ha già provveduto al pagamento, La ringraziamo e La preghiamo di non tenere conto di questo messaggio. Per qualsiasi chiarimento può rispondere a questa email. | Cordiali saluti Officine Rossi S.r.l. | -- Messaggio inviato da Officine Rossi S.r.l. Per rispondere: amministrazione@officinerossi.example',
    firmClose:
      'Se il pagamento è già stato disposto, La ringraziamo: ci comunichi la data e gli estremi, così potremo registrarlo. Per qualsiasi chiarimento può rispondere a questa email. | Distinti saluti Officine Rossi S.r.l. | -- Messaggio inviato da Officine Rossi S.r.l. Per rispondere: amministrazione@officinerossi.example',
    courtesy: {
      subject: 'Promemoria: fattura n. 2026/12 (rata 1 di 2), scadenza 2 aprile 2026',
      says: 'Le ricordiamo che il pagamento della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2) scade il 2 aprile 2026. L’importo da saldare è di 1.220,00 €.',
      several:
        'Le ricordiamo le prossime scadenze di pagamento della fattura n. 2026/12 del 3 marzo 2026 (rate 1 e 2 di 2). L’importo complessivo da saldare è di 2.440,00 €.',
      sms: 'Officine Rossi S.r.l.: Le ricordiamo che il pagamento della fattura n. 2026/12 (rata 1 di 2) scade il 02/04/2026. Da saldare: 1.220,00 €. | Se ha già pagato, non tenga conto di questo messaggio. Grazie.',
    },
    'due-today': {
      subject: 'Scadenza 2 aprile 2026: fattura n. 2026/12 (rata 1 di 2)',
      says: 'il pagamento della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2) scade oggi, 2 aprile 2026. L’importo da saldare è di 1.220,00 €.',
      several:
        'il pagamento della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2) scade oggi, 2 aprile 2026. L’importo da saldare è di 1.220,00 €. Per completezza è riportato anche un pagamento con scadenza successiva.',
      sms: 'Officine Rossi S.r.l.: il pagamento della fattura n. 2026/12 (rata 1 di 2) scade oggi, 02/04/2026. Da saldare: 1.220,00 €. | Se ha già pagato, non tenga conto di questo messaggio. Grazie.',
    },
    overdue: {
      subject: 'Pagamento non ancora pervenuto: fattura n. 2026/12 (rata 1 di 2)',
      says: 'ad oggi, 14 aprile 2026, non ci risulta pervenuto il saldo della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2): il pagamento è scaduto il 2 aprile 2026 (12 giorni fa) e restano da saldare 1.220,00 €. | La invitiamo a provvedere quanto prima.',
      several:
        'ad oggi, 14 aprile 2026, non ci risulta pervenuto il saldo della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2). Restano da saldare 1.220,00 €. Per completezza è riportato anche un pagamento non ancora scaduto. | Per gli importi già scaduti La invitiamo a provvedere quanto prima.',
      sms: 'Officine Rossi S.r.l.: non ci risulta pervenuto il saldo della fattura n. 2026/12 (rata 1 di 2): il pagamento è scaduto il 02/04/2026. Da saldare: 1.220,00 €. | Se ha già pagato, ci avvisi. Risposte: amministrazione@officinerossi.example',
    },
    'final-notice': {
      subject: 'Ultimo sollecito: fattura n. 2026/12 (rata 1 di 2)',
      says: 'ad oggi, 14 aprile 2026, non ci risulta ancora pervenuto il saldo della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2): il pagamento è scaduto il 2 aprile 2026 (12 giorni fa) e restano da saldare 1.220,00 €. | La preghiamo di provvedere entro 7 giorni dal ricevimento di questo messaggio. In mancanza del pagamento o di un Suo riscontro entro tale termine, ci riserviamo le iniziative previste dalla legge. | Se vi sono motivi che ostacolano il pagamento, ce li comunichi entro lo stesso termine: siamo disponibili a cercare una soluzione insieme a Lei.',
      several:
        'ad oggi, 14 aprile 2026, non ci risulta ancora pervenuto il saldo della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2). Restano da saldare 1.220,00 €. Per completezza è riportato anche un pagamento non ancora scaduto. | Per gli importi già scaduti La preghiamo di provvedere entro 7 giorni dal ricevimento di questo messaggio. In mancanza del pagamento o di un Suo riscontro entro tale termine, ci riserviamo le iniziative previste dalla legge. | Se vi sono motivi che ostacolano il pagamento, ce li comunichi entro lo stesso termine: siamo disponibili a cercare una soluzione insieme a Lei.',
      sms: 'Officine Rossi S.r.l.: ultimo sollecito. Il pagamento della fattura n. 2026/12 (rata 1 di 2) è scaduto il 02/04/2026. Da saldare entro 7 giorni: 1.220,00 €. In mancanza di pagamento o riscontro ci riserviamo le iniziative previste dalla legge. | Se ha già pagato, ci avvisi. Risposte: amministrazione@officinerossi.example',
    },
    'thank-you': {
      subject: 'Pagamento ricevuto: fattura n. 2026/12 (rata 1 di 2)',
      says: 'abbiamo ricevuto 500,00 € per il pagamento della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2). La ringraziamo. Restano da saldare 720,00 €: il pagamento è scaduto il 2 aprile 2026 (12 giorni fa). Se ha già provveduto anche a questo pagamento, non occorre altro da parte Sua.',
      several:
        'abbiamo ricevuto 500,00 € per il pagamento della fattura n. 2026/12 del 3 marzo 2026 (rata 1 di 2). La ringraziamo. Restano da saldare 1.940,00 € della fattura n. 2026/12 (rate 1 e 2 di 2): la prima scadenza è il 2 aprile 2026. Se ha già provveduto anche a questo pagamento, non occorre altro da parte Sua.',
      sms: 'Officine Rossi S.r.l.: abbiamo ricevuto 500,00 € per il pagamento della fattura n. 2026/12 (rata 1 di 2). Grazie. Restano da saldare 720,00 €: il pagamento è scaduto il 02/04/2026.',
    },
  },
  fr: {
    greeting: 'À l’attention de Bianchi Costruzioni S.p.A. | Madame, Monsieur,',
    friendlyClose:
      'Si vous avez déjà procédé au règlement, nous vous en remercions et vous prions de ne pas tenir compte de ce message. Pour toute question, il vous suffit de répondre à cet e-mail. | Bien cordialement, Officine Rossi S.r.l. | -- Message envoyé par Officine Rossi S.r.l. Pour répondre : amministrazione@officinerossi.example',
    firmClose:
      'Si votre paiement est déjà en cours, nous vous en remercions : veuillez nous en indiquer la date et les références, afin que nous puissions l’enregistrer. Pour toute question, il vous suffit de répondre à cet e-mail. | Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées. Officine Rossi S.r.l. | -- Message envoyé par Officine Rossi S.r.l. Pour répondre : amministrazione@officinerossi.example',
    courtesy: {
      subject: 'Rappel : facture n° 2026/12 (échéance 1 sur 2), paiement attendu pour le 2 avril 2026',
      says: 'Nous nous permettons de vous rappeler que le paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) est attendu pour le 2 avril 2026. Le montant à régler s’élève à 1 220,00 €.',
      several:
        'Nous nous permettons de vous rappeler les prochaines échéances de paiement de la facture n° 2026/12 du 3 mars 2026 (échéances 1 et 2 sur 2). Le montant total à régler s’élève à 2 440,00 €.',
      sms: 'Officine Rossi S.r.l. : nous vous rappelons que le paiement de la facture no 2026/12 (échéance 1 sur 2) est attendu pour le 02/04/2026. Reste à régler : 1 220,00 €. | Si vous avez déjà payé, ne tenez pas compte de ce message. Merci.',
    },
    'due-today': {
      subject: 'Paiement attendu pour le 2 avril 2026 : facture n° 2026/12 (échéance 1 sur 2)',
      says: 'Le paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) est attendu aujourd’hui, le 2 avril 2026. Le montant à régler s’élève à 1 220,00 €.',
      several:
        'Le paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) est attendu aujourd’hui, le 2 avril 2026. Le montant à régler s’élève à 1 220,00 €. Pour information, un paiement à échéance ultérieure est également indiqué.',
      sms: "Officine Rossi S.r.l. : le paiement de la facture no 2026/12 (échéance 1 sur 2) est attendu aujourd'hui, le 02/04/2026. Reste à régler : 1 220,00 €. | Si vous avez déjà payé, ne tenez pas compte de ce message. Merci.",
    },
    overdue: {
      subject: 'Paiement non encore reçu : facture n° 2026/12 (échéance 1 sur 2)',
      says: 'Au 14 avril 2026, nous n’avons pas reçu l’intégralité du paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) : ce paiement était attendu pour le 2 avril 2026 (il y a 12 jours) et il reste à régler 1 220,00 €. | Nous vous remercions de bien vouloir procéder au règlement dans les meilleurs délais.',
      several:
        'Au 14 avril 2026, nous n’avons pas reçu l’intégralité du paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2). Il reste à régler 1 220,00 €. Pour information, un paiement non encore échu est également indiqué. | Nous vous remercions de bien vouloir régler les montants déjà échus dans les meilleurs délais.',
      sms: "Officine Rossi S.r.l. : le paiement de la facture no 2026/12 (échéance 1 sur 2) était attendu pour le 02/04/2026 et n'est pas soldé. Reste à régler : 1 220,00 €. | Si vous avez déjà payé, merci de nous prévenir. Réponse à : amministrazione@officinerossi.example",
    },
    'final-notice': {
      subject: 'Dernière relance : facture n° 2026/12 (échéance 1 sur 2)',
      says: 'Au 14 avril 2026, nous n’avons toujours pas reçu l’intégralité du paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) : ce paiement était attendu pour le 2 avril 2026 (il y a 12 jours) et il reste à régler 1 220,00 €. | Nous vous prions de procéder au règlement dans un délai de 7 jours à compter de la réception de ce message. À défaut de paiement ou de réponse de votre part dans ce délai, nous nous réservons la possibilité de recourir aux démarches prévues par la loi. | Si une difficulté ou un désaccord fait obstacle au paiement, veuillez nous en faire part dans le même délai : nous chercherons volontiers une solution avec vous.',
      several:
        'Au 14 avril 2026, nous n’avons toujours pas reçu l’intégralité du paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2). Il reste à régler 1 220,00 €. Pour information, un paiement non encore échu est également indiqué. | Nous vous prions de régler les montants déjà échus dans un délai de 7 jours à compter de la réception de ce message. À défaut de paiement ou de réponse de votre part dans ce délai, nous nous réservons la possibilité de recourir aux démarches prévues par la loi. | Si une difficulté ou un désaccord fait obstacle au paiement, veuillez nous en faire part dans le même délai : nous chercherons volontiers une solution avec vous.',
      sms: 'Officine Rossi S.r.l. : dernière relance. Le paiement de la facture no 2026/12 (échéance 1 sur 2) était attendu pour le 02/04/2026. Reste à régler sous 7 jours : 1 220,00 €. Sans paiement ni réponse, nous nous réservons de recourir aux démarches prévues par la loi. | Si vous avez déjà payé, merci de nous prévenir. Réponse à : amministrazione@officinerossi.example',
    },
    'thank-you': {
      subject: 'Paiement reçu : facture n° 2026/12 (échéance 1 sur 2)',
      says: 'Nous avons bien reçu 500,00 € pour le paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) et vous en remercions. Il reste à régler 720,00 € : ce paiement était attendu pour le 2 avril 2026 (il y a 12 jours). Si vous l’avez également réglé, vous n’avez plus rien à faire.',
      several:
        'Nous avons bien reçu 500,00 € pour le paiement de la facture n° 2026/12 du 3 mars 2026 (échéance 1 sur 2) et vous en remercions. Il reste à régler 1 940,00 € pour le paiement de la facture n° 2026/12 (échéances 1 et 2 sur 2) : la première échéance est celle du 2 avril 2026. Si vous l’avez également réglé, vous n’avez plus rien à faire.',
      sms: 'Officine Rossi S.r.l. : nous avons enregistré 500,00 € pour le paiement de la facture no 2026/12 (échéance 1 sur 2). Merci. Il reste à régler 720,00 € : ce paiement était attendu pour le 02/04/2026.',
    },
  },
  es: {
    greeting: 'A la atención de Bianchi Costruzioni S.p.A. | Estimado cliente:',
    friendlyClose:
      'Si ya ha efectuado el pago, se lo agradecemos y le rogamos que no tenga en cuenta este mensaje. Para cualquier aclaración, puede responder a este correo. | Un cordial saludo, Officine Rossi S.r.l. | -- Mensaje enviado por Officine Rossi S.r.l. Para responder: amministrazione@officinerossi.example',
    firmClose:
      'Si ya ha ordenado el pago, se lo agradecemos: indíquenos la fecha y los datos de la operación para que podamos registrarlo. Para cualquier aclaración, puede responder a este correo. | Atentamente, Officine Rossi S.r.l. | -- Mensaje enviado por Officine Rossi S.r.l. Para responder: amministrazione@officinerossi.example',
    courtesy: {
      subject: 'Recordatorio: factura n.º 2026/12 (plazo 1 de 2), vencimiento 2 de abril de 2026',
      says: 'Le recordamos amablemente que el pago de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2) vence el 2 de abril de 2026. El importe pendiente es de 1.220,00 €.',
      several:
        'Le recordamos amablemente los próximos vencimientos de pago de la factura n.º 2026/12 del 3 de marzo de 2026 (plazos 1 y 2 de 2). El importe total pendiente es de 2.440,00 €.',
      sms: 'Officine Rossi S.r.l.: le recordamos que el pago de la factura num. 2026/12 (plazo 1 de 2) vence el 02/04/2026. Pendiente: 1.220,00 €. | Si ya ha pagado, no tenga en cuenta este mensaje. Gracias.',
    },
    'due-today': {
      subject: 'Vencimiento 2 de abril de 2026: factura n.º 2026/12 (plazo 1 de 2)',
      says: 'El pago de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2) vence hoy, 2 de abril de 2026. El importe pendiente es de 1.220,00 €.',
      several:
        'El pago de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2) vence hoy, 2 de abril de 2026. El importe pendiente es de 1.220,00 €. A título informativo se indica también un pago con vencimiento posterior.',
      sms: 'Officine Rossi S.r.l.: el pago de la factura num. 2026/12 (plazo 1 de 2) vence hoy, 02/04/2026. Pendiente: 1.220,00 €. | Si ya ha pagado, no tenga en cuenta este mensaje. Gracias.',
    },
    overdue: {
      subject: 'Pago pendiente: factura n.º 2026/12 (plazo 1 de 2)',
      says: 'A fecha de 14 de abril de 2026 no nos consta el pago completo de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2): el pago venció el 2 de abril de 2026 (hace 12 días) y quedan por pagar 1.220,00 €. | Le rogamos que lo efectúe lo antes posible.',
      several:
        'A fecha de 14 de abril de 2026 no nos consta el pago completo de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2). Quedan por pagar 1.220,00 €. A título informativo se indica también un pago aún no vencido. | Le rogamos que pague los importes ya vencidos lo antes posible.',
      sms: 'Officine Rossi S.r.l.: no nos consta el pago completo de la factura num. 2026/12 (plazo 1 de 2), con vencimiento 02/04/2026. Pendiente: 1.220,00 €. | Si ya ha pagado, le rogamos que nos lo indique. Respuestas: amministrazione@officinerossi.example',
    },
    'final-notice': {
      subject: 'Último recordatorio: factura n.º 2026/12 (plazo 1 de 2)',
      says: 'A fecha de 14 de abril de 2026 sigue sin constarnos el pago completo de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2): el pago venció el 2 de abril de 2026 (hace 12 días) y quedan por pagar 1.220,00 €. | Le rogamos que lo efectúe en un plazo de 7 días desde la recepción de este mensaje. Si en ese tiempo no recibimos el pago ni una respuesta suya, nos reservamos las medidas que la ley prevé. | Si hay algún motivo que impida el pago, le rogamos que nos lo comunique en el mismo plazo: buscaremos una solución con usted.',
      several:
        'A fecha de 14 de abril de 2026 sigue sin constarnos el pago completo de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2). Quedan por pagar 1.220,00 €. A título informativo se indica también un pago aún no vencido. | Le rogamos que pague los importes ya vencidos en un plazo de 7 días desde la recepción de este mensaje. Si en ese tiempo no recibimos el pago ni una respuesta suya, nos reservamos las medidas que la ley prevé. | Si hay algún motivo que impida el pago, le rogamos que nos lo comunique en el mismo plazo: buscaremos una solución con usted.',
      sms: 'Officine Rossi S.r.l.: ultimo recordatorio. No nos consta el pago completo de la factura num. 2026/12 (plazo 1 de 2), con vencimiento 02/04/2026. Le rogamos que en 7 dias pague 1.220,00 €. Sin el pago ni una respuesta, nos reservamos las medidas que la ley prevé. | Si ya ha pagado, le rogamos que nos lo indique. Respuestas: amministrazione@officinerossi.example',
    },
    'thank-you': {
      subject: 'Pago recibido: factura n.º 2026/12 (plazo 1 de 2)',
      says: 'Hemos recibido 500,00 € en pago de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2). Muchas gracias. Quedan por pagar 720,00 €: este pago venció el 2 de abril de 2026 (hace 12 días). Si ya ha efectuado también este pago, no es necesario que haga nada más.',
      several:
        'Hemos recibido 500,00 € en pago de la factura n.º 2026/12 del 3 de marzo de 2026 (plazo 1 de 2). Muchas gracias. Quedan por pagar 1.940,00 € de la factura n.º 2026/12 (plazos 1 y 2 de 2): el primer vencimiento es el 2 de abril de 2026. Si ya ha efectuado también este pago, no es necesario que haga nada más.',
      sms: 'Officine Rossi S.r.l.: hemos recibido 500,00 € en pago de la factura num. 2026/12 (plazo 1 de 2). Gracias. Quedan por pagar 720,00 €: este pago tiene vencimiento 02/04/2026.',
    },
  },
};

test.each(['it', 'fr', 'es'] as const)('%s says', async (locale) => {
  expect(await saidIn(locale)).toEqual(texts[locale]);
});

/** MJML with all that a template may show: lists, conditions, addresses, the tenant's colours, the message itself. */
export const wholeMjml = `<mjml lang="{{ lang }}">
  <mj-head>
    <mj-title>{{ subject }}</mj-title>
    <mj-preview>{{ preview }}</mj-preview>
    <!-- {{ nothing }} {% here %} is read -->
    <mj-style>.late { color: #b42318 } .bar { border-top: 4px solid {{ colour }} }</mj-style>
    <mj-style inline="inline">.total { font-weight: 700 }</mj-style>
  </mj-head>
  <mj-body background-color="#f3f4f6" css-class="bar">
    <mj-section background-color="{{ colour }}">
      <mj-column>
        <mj-raw>{% if logo %}</mj-raw>
        <mj-image src="{{ logo }}" alt="{{ sender }}" width="150px" />
        <mj-raw>{% else %}</mj-raw>
        <mj-text color="{{ onColour }}" font-size="20px">{{ sender }}</mj-text>
        <mj-raw>{% endif %}</mj-raw>
      </mj-column>
    </mj-section>
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text>{% for paragraph in message %}<p title="{{ customer }}">{% for line in paragraph %}{{ line }}{% unless forloop.last %}<br>{% endunless %}{% endfor %}</p>{% endfor %}</mj-text>
        <mj-table>
          {% for row in dueDateRows %}
          <tr>
            <td>{{ row.title }}<br><span class="{% if row.late %}late{% endif %}">{{ labels.due }}{{ labels.colon }} {{ row.dueOn }}</span>
              {% if row.paymentUrl %}<br><a href="{{ row.paymentUrl }}">{{ labels.payOnline }}</a>{% endif %}</td>
            <td align="right">{{ row.outstanding }}</td>
          </tr>
          {% endfor %}
          <tr class="total"><td>{{ labels.open }} {{ more }}</td><td align="right">{{ outstanding }}</td></tr>
        </mj-table>
        <mj-raw>{% if bank.size > 0 %}</mj-raw>
        <mj-table>{% for each in bank %}<tr><td>{{ each.label }}</td><td>{{ each.value }}</td></tr>{% endfor %}</mj-table>
        <mj-raw>{% endif %}{% if paymentUrl %}</mj-raw>
        <mj-button href="{{ paymentUrl }}" background-color="{{ colour }}" color="{{ onColour }}">{{ labels.payOnline }}</mj-button>
        <mj-raw>{% endif %}{% if qr %}</mj-raw>
        <mj-image src="{{ qr }}" alt="{{ labels.payOnline }}" width="140px" />
        <mj-raw>{% endif %}</mj-raw>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column><mj-text font-size="12px">{% for line in footer %}{{ line }}<br>{% endfor %}</mj-text></mj-column>
    </mj-section>
  </mj-body>
</mjml>`;

/** A page that shows the sum and the customer, and not the message. */
export const shortMjml = inColumn('<mj-text>{{ customer | upcase }}: {{ outstanding }}</mj-text>');

/** One column: what is given stands on line 2. */
export function inColumn(inner: string): string {
  return `<mjml><mj-body><mj-section><mj-column>\n${inner}\n</mj-column></mj-section></mj-body></mjml>`;
}

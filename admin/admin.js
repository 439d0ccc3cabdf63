// The bare admin page: due dates of one tenant, and for each what was sent and decided. It asks the HTTP API, with the
// session's cookie, and puts everything on the page as text, never as HTML.

const tones = {
  good: ['sent', 'delivered', 'paid'],
  busy: ['accepted', 'queued', 'sending', 'retrying', 'today', 'future'],
  warn: ['unknown', 'complained', 'skipped', 'canceled', 'disputed', 'promised', 'paused', 'void'],
  bad: ['failed', 'bounced', 'overdue'],
};

const at = (id) => document.getElementById(id);
let session;
let nextCursor = null;

start().catch(showError);

async function start() {
  session = await ask('/admin/session');
  at('who').textContent = `${session.email} (${session.role})`;
  for (const { ref, name } of session.tenants) at('tenant').append(new Option(name, ref));
  const last = localStorage.getItem('tenant');
  if (session.tenants.some(({ ref }) => ref === last)) at('tenant').value = last;

  at('tenant').addEventListener('change', () => {
    localStorage.setItem('tenant', at('tenant').value);
    showDueDates().catch(showError);
  });
  at('filters').addEventListener('submit', (event) => {
    event.preventDefault();
    showDueDates().catch(showError);
  });
  at('more').addEventListener('click', () => {
    showDueDates(nextCursor).catch(showError);
  });
  at('sign-out').addEventListener('click', () => {
    signOut().catch(showError);
  });

  if (session.tenants.length > 0) await showDueDates();
  else say('There is no tenant yet: sollecito tenants create NAME --plan PLAN');
}

async function showDueDates(cursor) {
  say('Loading…');
  const query = new URLSearchParams({ limit: '50' });
  for (const [name, value] of new FormData(at('filters'))) if (value !== '') query.set(name, value);
  if (cursor) query.set('cursor', cursor);
  const page = await ask(`/v1/due-dates?${query}`);
  const rows = page.items.map(dueDateRow);
  if (cursor) at('due-dates').append(...rows);
  else at('due-dates').replaceChildren(...rows);
  nextCursor = page.nextCursor;
  at('more').hidden = nextCursor === null;
  say(at('due-dates').rows.length === 0 ? 'No due dates.' : '');
}

function dueDateRow(dueDate) {
  const open = element('button', dueDate.ref);
  open.type = 'button';
  open.addEventListener('click', () => showStory(dueDate).catch(showError));
  const { count, failed, lastStatus } = dueDate.reminders;
  const badge = element('span', String(count), `badge ${toneOf(lastStatus)}`);
  badge.title = lastStatus === null ? 'not reminded yet' : `last: ${lastStatus}, failed: ${failed}`;
  const row = element('tr');
  row.append(
    cell(open),
    cell(dueDate.customerName ?? dueDate.customer),
    cell(dueDate.dueOn),
    cell(money(dueDate.outstanding), 'number'),
    cell(element('span', dueDate.status, `badge ${toneOf(dueDate.status)}`)),
    cell(badge),
  );
  return row;
}

async function showStory(dueDate) {
  const history = await ask(`/v1/due-dates/${encodeURIComponent(dueDate.id)}/history?limit=200`);
  at('story-title').textContent = `${dueDate.ref} · ${money(dueDate.outstanding)}`;
  const entries = history.items.map((entry) =>
    entry.kind === 'reminder' ? reminderCard(entry.reminder) : eventLine(entry.event),
  );
  at('story-entries').replaceChildren(...(entries.length > 0 ? entries : [element('li', 'Nothing yet.')]));
  at('story').showModal();
}

function reminderCard(reminder) {
  const card = element('li');
  card.append(
    element('span', reminder.status, `badge ${toneOf(reminder.status)}`),
    ` ${reminder.channel} · ${reminder.origin} · `,
    time(reminder.createdAt),
  );
  for (const { to, status, reason } of reminder.deliveries) {
    card.append(element('div', [to, status, reason].filter(Boolean).join(' · ')));
  }
  const events = element('ul');
  events.append(...reminder.events.map(eventLine));
  card.append(events, element('small', reminder.id));
  return card;
}

function eventLine(event) {
  const line = element('li');
  line.append(time(event.at), ` ${[event.type, event.reason].filter(Boolean).join(': ')} `);
  if (event.detail && Object.keys(event.detail).length > 0) line.append(element('small', JSON.stringify(event.detail)));
  return line;
}

async function signOut() {
  await ask('/admin/sign-out', { method: 'POST' });
  location.assign('/admin/sign-in');
}

/** Asks the API; a session that has ended leads to the sign-in. */
async function ask(path, { method = 'GET' } = {}) {
  const headers = {};
  if (path.startsWith('/v1/')) headers['sollecito-tenant'] = encodeURIComponent(at('tenant').value);
  if (method !== 'GET') headers['x-csrf-token'] = session.csrfToken;
  const response = await fetch(path, { method, headers });
  if (response.status === 401) {
    location.assign('/admin/sign-in');
    return new Promise(() => {});
  }
  const body = response.status === 204 ? undefined : await response.json();
  if (!response.ok) throw new Error(body?.detail ?? `The service answered ${response.status}.`);
  return body;
}

function money({ value, currency }) {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(value);
}

function time(instant) {
  const shown = element('time', new Date(instant).toLocaleString());
  shown.dateTime = instant;
  return shown;
}

function toneOf(status) {
  return Object.keys(tones).find((tone) => tones[tone].includes(status)) ?? '';
}

function element(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function cell(content, className = '') {
  const made = element('td', '', className);
  made.append(content);
  return made;
}

function say(text) {
  at('message').className = '';
  at('message').textContent = text;
}

function showError(error) {
  at('message').className = 'error';
  at('message').textContent = error.message;
}

import { html } from '../html.ts';
import { htmlPage } from './html.ts';

type SignIn = { kind: 'password'; message?: string } | { kind: 'link'; token: string };

/** The sign-in form, or the button of a one-time link. */
export function signInPage(signIn: SignIn): string {
  const message = signIn.kind === 'password' ? signIn.message : undefined;
  const fields =
    signIn.kind === 'link'
      ? html`<p>This link signs you in once.</p>
          <input type="hidden" name="token" value="${signIn.token}" />`
      : html`<label>Email <input type="email" name="email" autocomplete="username" required autofocus /></label>
          <label>Password <input type="password" name="password" autocomplete="current-password" required /></label>`;
  const body = html`
    <main class="sign-in">
      <h1>Sollecito</h1>
      ${message === undefined ? undefined : html`<p class="error" role="alert">${message}</p>`}
      <form method="post" action="/admin/sign-in">
        ${fields}
        <button>Sign in</button>
      </form>
    </main>
  `;
  return htmlPage({ title: 'Sign in · Sollecito', stylesheet: '/admin/files/admin.css', body });
}

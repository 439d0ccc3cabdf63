import { type Html, html } from '../html.ts';
import { htmlPage } from './html.ts';
import { schemaText } from './schema-text.ts';
import type { OpenApiDocument, OperationObject } from './openapi.ts';

/** The API as a page that a person reads: made from the OpenAPI document, without a script. */
export function docsPage(document: OpenApiDocument): string {
  const body = html`
    <header>
      <h1>${document.info.title} <small>${document.info.version}</small></h1>
      <p>${document.info.description} The same as a file for tools: <a href="/openapi.json">openapi.json</a>.</p>
      <p>
        Every call carries <code>Authorization: Bearer KEY</code>. Errors are <code>application/problem+json</code>
        (RFC 9457).
      </p>
      <nav>${document.tags.map(({ name }) => html`<a href="#${anchor(name)}">${name}</a> `)}</nav>
    </header>
    <main>${document.tags.map(({ name }) => section(name, document))}</main>
  `;
  return htmlPage({ title: `${document.info.title} API`, stylesheet: '/admin/files/docs.css', body });
}

function section(tag: string, document: OpenApiDocument): Html {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return html`
    <section id="${anchor(tag)}">
      <h2>${tag}</h2>
      ${operations.filter(({ operation }) => operation.tags.includes(tag)).map(operationDetails)}
    </section>
  `;
}

function operationDetails({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: OperationObject;
}): Html {
  const scope = operation.security.flatMap((scheme) => scheme['apiKey'] ?? []).join(', ');
  return html`
    <details id="${operation.operationId}">
      <summary>
        <b class="method ${method}">${method.toUpperCase()}</b> <code>${path}</code> <span>${operation.summary}</span>
      </summary>
      ${operation.description === undefined ? undefined : html`<p>${operation.description}</p>`}
      <p>Scope: <code>${scope}</code></p>
      ${parameters(operation)} ${requestBody(operation)}
      <h3>Replies</h3>
      ${Object.entries(operation.responses).map(([status, reply]) => replyBlock(status, reply))}
    </details>
  `;
}

function parameters({ parameters }: OperationObject): Html | undefined {
  if (parameters.length === 0) return undefined;
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) => html`
      <tr>
        <td><code>${name}</code></td>
        <td>${place}${required ? ', required' : ''}</td>
        <td><code>${schemaText(schema)}</code></td>
        <td>${description}</td>
      </tr>
    `,
  );
  return html`<table>
    ${rows}
  </table>`;
}

function requestBody({ requestBody }: OperationObject): Html | undefined {
  if (!requestBody) return undefined;
  const bodies = Object.entries(requestBody.content).map(
    ([mediaType, { schema }]) =>
      html`<h3>Body: <code>${mediaType}</code></h3>
        ${schema ? html`<pre>${schemaText(schema)}</pre>` : undefined}`,
  );
  return html`${bodies}`;
}

function replyBlock(status: string, reply: OperationObject['responses'][string]): Html {
  const schema = reply.content?.['application/json']?.schema;
  const headers = Object.keys(reply.headers ?? {}).map((name) => html` <code>${name}</code>`);
  return html`<p><b>${status}</b> ${reply.description.replaceAll('`', '')}${headers}</p>
    ${schema ? html`<pre>${schemaText(schema)}</pre>` : undefined}`;
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

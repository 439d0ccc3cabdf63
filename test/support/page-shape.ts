import type { Page } from 'playwright-core';

/** `elements`: each with its attributes; of some of them the value as well. `titles`: what is read out, or shown on its own. */
export type Shape = { elements: string[]; text: string; titles: string[] };

/** Every element with its attributes and addresses, without running anything; and what is read of it. */
export async function shapeOf(page: Page, html: string): Promise<Shape> {
  return page.evaluate<Shape>(`(() => {
      const page = new DOMParser().parseFromString(${JSON.stringify(html)}, 'text/html');
      const nodes = [...page.querySelectorAll('*')];
      const of = (node) => [...node.attributes].map(({ name, value }) => ['href', 'src', 'style', 'class'].includes(name) ? name + '=' + value.replace(/^cid:.*@/, 'cid:@') : name);
      const comments = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT);
      let marks = 0;
      while (comments.nextNode()) marks += 1;
      const elements = nodes.map((node) => [node.localName, ...of(node)].join(' '));
      const titles = nodes.flatMap((node) => ['title', 'alt', 'aria-label'].flatMap((name) => node.getAttribute(name) ?? []));
      const broken = (node) => [...node.childNodes].map((child) => child.nodeName === 'BR' ? ' ' : child.nodeType === 3 ? child.data : child.nodeType === 1 ? broken(child) : '').join('');
      return { elements: [...elements, marks + ' comments'], text: page.title + ' ' + broken(page.body), titles };
    })()`);
}

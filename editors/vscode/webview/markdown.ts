// Markdown from a model, as page content. A model's text is anybody's text: HTML in it
// is shown as it is written, images are not fetched, and only plain links lead out.

import MarkdownIt from "markdown-it";

/** A paragraph longer than this, in characters, is shown as it is written: to parse it
 * again with each piece that streams in would take too long. */
const LONGEST_PARAGRAPH = 20_000;

const SAFE_LINK = /^(https?|mailto):/i;

const markdown = new MarkdownIt({ html: false, linkify: false }).disable("image");
markdown.validateLink = (url) => SAFE_LINK.test(url.trim());

markdown.core.ruler.at("inline", (state) => {
  for (const token of state.tokens) {
    if (token.type !== "inline") {
      continue;
    }
    if (token.content.length > LONGEST_PARAGRAPH) {
      const text = new state.Token("text", "", 0);
      text.content = token.content;
      token.children = [text];
    } else {
      markdown.inline.parse(token.content, markdown, state.env, (token.children ??= []));
    }
  }
});

markdown.renderer.rules["fence"] = (tokens, index) => {
  const { content, info } = tokens[index]!;
  return codeBlock(content, info.trim().split(/\s/)[0] ?? "");
};
markdown.renderer.rules["code_block"] = (tokens, index) =>
  codeBlock(tokens[index]!.content, "");

for (const rule of ["th_open", "td_open"]) {
  markdown.renderer.rules[rule] = (tokens, index, options, _environment, self) => {
    // The content-security policy allows no inline style: say it with a class.
    const token = tokens[index]!;
    const align = /text-align:(\w+)/.exec(String(token.attrGet("style")))?.[1];
    token.attrs = align ? [["class", `align-${align}`]] : null;
    return self.renderToken(tokens, index, options);
  };
}

/** A growing Markdown text in a page: only its last block is made anew as it grows. */
export class MarkdownView {
  readonly element = document.createElement("div");
  private readonly tail = document.createElement("div");
  private text = "";
  private settled = 0;

  constructor() {
    this.element.className = "markdown";
    this.element.append(this.tail);
  }

  append(text: string): void {
    this.text += text;
  }

  /** Show what was appended. */
  render(): void {
    const rest = this.text.slice(this.settled);
    const split = lastBlockOf(rest);
    if (split > 0) {
      this.tail.before(contentOf(rest.slice(0, split)));
      this.settled += split;
    }
    this.tail.replaceChildren(contentOf(rest.slice(split)));
  }

  /** Show the whole text, once it is complete: links may be defined at its end. */
  finish(): void {
    this.element.replaceChildren(contentOf(this.text), this.tail);
    this.tail.replaceChildren();
    this.settled = this.text.length;
  }
}

/** Return where the last block begins; all before it stays as it is. */
function lastBlockOf(text: string): number {
  const blocks = markdown.parse(text, {}).filter((token) => {
    return token.level === 0 && token.nesting >= 0 && token.map;
  });
  const line = blocks.length > 1 ? blocks.at(-1)!.map![0] : 0;
  return startOfLine(text, line);
}

function startOfLine(text: string, line: number): number {
  let start = 0;
  for (; line > 0; line -= 1) {
    start = text.indexOf("\n", start) + 1;
  }
  return start;
}

function contentOf(text: string): Node {
  const template = document.createElement("template");
  template.innerHTML = markdown.render(text);
  return template.content;
}

function codeBlock(code: string, language: string): string {
  const name = markdown.utils.escapeHtml(language);
  return `<div class="code">
<div class="code-bar"><span>${name}</span>
<button data-action="copy">Copy</button>
<button data-action="insert" title="Insert at the cursor">Insert</button></div>
<pre><code>${markdown.utils.escapeHtml(code)}</code></pre></div>`;
}

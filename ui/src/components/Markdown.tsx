import DOMPurify from "dompurify";
import { marked } from "marked";
import { useMemo } from "react";

const FORBIDDEN = {
  FORBID_TAGS: ["style", "form", "input", "button", "iframe", "img", "video", "audio"],
  FORBID_ATTR: ["style"],
};

/** HTML of others, without anything that could run or ask. */
export function harmless(html: string): string {
  return DOMPurify.sanitize(html, FORBIDDEN);
}

export function Markdown({ text, className }: { text: string; className?: string }) {
  const html = useMemo(() => harmless(marked.parse(text, { async: false, gfm: true })), [text]);
  return <div className={className} dangerouslySetInnerHTML={{ __html: html }} />;
}

/** One line: emphasis, code and links, no blocks. */
export function MarkdownLine({ text }: { text: string }) {
  const html = useMemo(() => harmless(marked.parseInline(text, { async: false, gfm: true })), [text]);
  return <span dangerouslySetInnerHTML={{ __html: html }} />;
}

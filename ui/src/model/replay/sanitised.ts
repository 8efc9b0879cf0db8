import { fieldsOf } from "@/lib/fields";
import { FULL_SNAPSHOT, INCREMENTAL, type RecordedEvent } from "./events";

/**
 * What is played must fetch nothing and run nothing. The player's frame has no scripts, and the page's own policy keeps it
 * from strangers; here goes what would ask anybody: addresses of pictures, styles, frames, in attributes and in styles.
 */
export function sanitised(events: readonly RecordedEvent[]): RecordedEvent[] {
  return events.map((event) => {
    if (event.type !== FULL_SNAPSHOT && event.type !== INCREMENTAL) return event;
    return { ...event, data: cleaned(event.data, 0) };
  });
}

/** A page's tree has two levels of JSON for each of its own. */
const LEVELS_MAX = 2000;

const FETCHING = new Set([
  "src",
  "srcset",
  "imagesrcset",
  "srcdoc",
  "poster",
  "background",
  "data",
  "code",
  "codebase",
  "archive",
  "action",
  "formaction",
  "ping",
  "manifest",
  "xlink:href",
  "rr_src",
]);
/** Elements that fetch what their `href` names; of others it is where a click would go, which cannot be clicked. */
const BY_HREF = new Set(["link", "image", "use", "feimage", "base", "script"]);
/** What never has a part in what is seen, or would bring in a page of its own. */
const NEVER = new Set(["script", "base", "object", "embed", "applet", "portal"]);

function cleaned(value: unknown, level: number): unknown {
  if (Array.isArray(value)) return level > LEVELS_MAX ? [] : value.map((one) => cleaned(one, level + 1));
  if (typeof value !== "object" || value === null) return value;
  if (level > LEVELS_MAX) return {};
  const found: Record<string, unknown> = {};
  const fields = fieldsOf(value);
  const tag = typeof fields.tagName === "string" ? fields.tagName.toLowerCase() : "";
  for (const [name, one] of Object.entries(fields)) {
    if (name === "attributes" && !Array.isArray(one)) found[name] = cleanedAttributes(one, tag);
    else if (name === "tagName" && (NEVER.has(tag) || isRefresh(tag, fields.attributes))) found[name] = "noscript";
    else if (STYLED.has(name) && typeof one === "string") found[name] = cleanedStyle(one);
    else found[name] = cleaned(one, level + 1);
  }
  return found;
}

/** Texts that are styles, or may be: of style elements, of rules that were added. */
const STYLED = new Set(["textContent", "rule", "cssText", "_cssText", "replace", "replaceSync", "value"]);

function isRefresh(tag: string, attributes: unknown): boolean {
  return tag === "meta" && fieldsOf(attributes)["http-equiv"] !== undefined;
}

/** Of an element, or, without a tag, of a change to one that is not known here. */
function cleanedAttributes(attributes: unknown, tag: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  if (NEVER.has(tag) || isRefresh(tag, attributes)) return found;
  for (const [name, value] of Object.entries(fieldsOf(attributes))) {
    const plain = name.toLowerCase();
    if (plain.startsWith("on") || plain === "http-equiv") continue;
    if (FETCHING.has(plain) || (isReference(plain) && (tag === "" || BY_HREF.has(tag)))) {
      // What is in the recording itself asks nobody.
      if (typeof value === "string" && isWithin(value)) found[name] = value;
      continue;
    }
    if (typeof value === "string" && (plain === "style" || plain === "_csstext")) found[name] = cleanedStyle(value);
    else if (plain === "style") found[name] = cleanedRules(value);
    else found[name] = value;
  }
  return found;
}

function isReference(name: string): boolean {
  return name === "href" || name.endsWith(":href");
}

/** A picture in the address itself, or a part of the same page. */
function isWithin(address: string): boolean {
  return /^(?:data:image\/(?!svg)|#)/i.test(address.trim());
}

/** A style as rrweb writes changes of it: by property. */
function cleanedRules(style: unknown): unknown {
  if (typeof style !== "object" || style === null) return style;
  return Object.fromEntries(
    Object.entries(style).map(([name, value]) => [
      name,
      Array.isArray(value)
        ? value.map((one: unknown) => (typeof one === "string" ? cleanedStyle(one) : one))
        : typeof value === "string"
          ? cleanedStyle(value)
          : value,
    ]),
  );
}

const ADDRESS = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*))\s*\)/gi;
const IMPORT = /@import[^;]*(?:;|$)/gi;
const IMAGE_SET = /(?:-webkit-)?image-set\((?:[^()]|\([^()]*\))*\)/gi;

export function cleanedStyle(style: string): string {
  if (!/url|@import|image-set|\\/i.test(style)) return style;
  // Escapes could spell what is looked for.
  const plain = /\\[0-9a-f]/i.test(style) ? style.replace(/\\([0-9a-f]{1,6})\s?/gi, unescaped) : style;
  return plain
    .replace(IMPORT, "")
    .replace(IMAGE_SET, "none")
    .replace(ADDRESS, (whole: string, a?: string, b?: string, c?: string) =>
      isWithin(a ?? b ?? c ?? "") || /^\s*data:font\//i.test(a ?? b ?? c ?? "") ? whole : "url(data:,)",
    );
}

/** Letters as they are; everything else, such as the code of an icon, stays as it was written. */
function unescaped(whole: string, digits: string): string {
  const letter = Number.parseInt(digits, 16);
  return letter >= 0x20 && letter < 0x7f && /[a-z@:/()-]/i.test(String.fromCharCode(letter))
    ? String.fromCharCode(letter)
    : whole;
}

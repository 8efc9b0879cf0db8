import DOMPurify from "dompurify";
import { marked } from "marked";
import { useMemo } from "react";
import { interpolate } from "@/model/board/interpolation";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Markdown or HTML, without anything that could run or ask. */
export function Text({ options, variables }: PanelProps<"text">) {
  const { content = "", mode = "markdown" } = options;
  const filled = interpolate(content, variables, "text");
  const html = useMemo(() => {
    if (mode === "code") return "";
    const written = mode === "markdown" ? marked.parse(filled, { async: false, gfm: true }) : filled;
    return DOMPurify.sanitize(written, {
      FORBID_TAGS: ["style", "form", "input", "button", "iframe", "img", "video", "audio"],
      FORBID_ATTR: ["style"],
    });
  }, [filled, mode]);
  if (mode === "code") return <pre className={classes.code}>{filled}</pre>;
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}

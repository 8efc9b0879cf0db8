import { useMemo } from "react";
import { harmless, Markdown } from "@/components/Markdown";
import { interpolate } from "@/model/board/interpolation";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Markdown or HTML, without anything that could run or ask. */
export function Text({ options, variables }: PanelProps<"text">) {
  const { content = "", mode = "markdown" } = options;
  const filled = interpolate(content, variables, "text");
  const html = useMemo(() => (mode === "html" ? harmless(filled) : ""), [filled, mode]);
  if (mode === "code") return <pre className={classes.code}>{filled}</pre>;
  if (mode === "markdown") return <Markdown text={filled} className={classes.text} />;
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}

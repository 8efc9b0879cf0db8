import { autocompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { useEffect, useRef } from "react";
import classes from "./Metrics.module.css";

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--accent)", fontWeight: "600" },
  { tag: tags.function(tags.variableName), color: "var(--accent)" },
  { tag: tags.labelName, color: "var(--info-text)" },
  { tag: tags.string, color: "var(--good-text)" },
  { tag: [tags.number, tags.literal], color: "var(--warning-text)" },
  { tag: tags.comment, color: "var(--text-soft)", fontStyle: "italic" },
]);

/** A PromQL field with completion of metrics, labels, values and functions. Enter runs, Shift-Enter is a new line; Tab leaves it. */
export function PromEditor(props: {
  value: string;
  label: string;
  hint?: string;
  onChange: (text: string) => void;
  onRun: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (!box.current) return;
    const run = () => {
      latest.current.onRun();
      return true;
    };
    // What is wrong with a query the server says, which also knows `$__rate_interval`.
    const promql = new PromQLExtension().activateLinter(false).setComplete({
      remote: { url: "/prometheus", httpMethod: "GET", cache: { maxAge: 60_000 } },
    });
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          promql.asExtension(),
          // Its own keys come first: an open list takes Enter.
          autocompletion(),
          Prec.low(keymap.of([{ key: "Enter", run }])),
          keymap.of([{ key: "Mod-Enter", run }, ...historyKeymap]),
          Prec.lowest(keymap.of(defaultKeymap)),
          history(),
          EditorView.lineWrapping,
          placeholder(latest.current.hint ?? "rate(http_requests_total[$__rate_interval])"),
          syntaxHighlighting(colors),
          EditorView.contentAttributes.of({ "aria-label": latest.current.label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      promql.destroy();
      made.destroy();
      view.current = null;
    };
  }, []);
  // A query that was chosen elsewhere takes the place of what stands here.
  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== props.value)
      shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: props.value } });
  }, [props.value]);
  return <div ref={box} className={classes.editor} data-search />;
}

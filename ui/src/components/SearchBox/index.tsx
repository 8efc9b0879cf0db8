import { CloseButton, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import type { ApiError } from "@/api/client";
import { useApi } from "@/api/queries";
import type { FieldList } from "@/api/types";
import classes from "./SearchBox.module.css";

const SUGGESTIONS = 8;

/** The search of a page. Enter searches; `/` comes here; field names complete; a mistake is shown at its column. */
export function SearchBox({
  value,
  onSearch,
  signal,
  error,
}: {
  value: string;
  onSearch: (query: string) => void;
  signal: "logs" | "spans";
  error: ApiError | null;
}) {
  const [text, setText] = useState(value);
  const [focused, setFocused] = useState(false);
  const [picked, setPicked] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const fields = useApi<FieldList>("fields", { signal }, { staleMs: 60_000 });
  useEffect(() => setText(value), [value]);
  useHotkeys([["/", () => input.current?.focus()]]);

  const word = /(?:^|[\s(-])([\w.@-]{1,60})$/.exec(text)?.[1] ?? "";
  const matching =
    focused && word
      ? (fields.data?.fields ?? [])
          .filter((field) => field.name.toLowerCase().includes(word.toLowerCase()) && field.name !== word)
          .slice(0, SUGGESTIONS)
      : [];

  function take(name: string) {
    setText(`${text.slice(0, text.length - word.length)}${name}:`);
    setPicked(-1);
    input.current?.focus();
  }

  const bad = error?.problem.code === "bad_query" ? error.problem : null;
  return (
    <div className={classes.box}>
      <TextInput
        ref={input}
        aria-label={`Search ${signal}`}
        placeholder={
          signal === "logs" ? 'service:api level:error "free text"' : "service:api duration:>500ms status:5*"
        }
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          text ? (
            <CloseButton
              aria-label="Clear search"
              size="sm"
              onClick={() => {
                setText("");
                onSearch("");
              }}
            />
          ) : null
        }
        classNames={{ input: classes.input ?? "" }}
        value={text}
        error={bad !== null}
        spellCheck={false}
        autoComplete="off"
        role="combobox"
        aria-expanded={matching.length > 0}
        aria-controls={listId}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPicked(-1);
        }}
        onKeyDown={(event) => {
          const chosen = matching[picked];
          if (event.key === "ArrowDown" && matching.length > 0) {
            event.preventDefault();
            setPicked((picked + 1) % matching.length);
          } else if (event.key === "ArrowUp" && matching.length > 0) {
            event.preventDefault();
            setPicked((picked + matching.length - 1) % matching.length);
          } else if ((event.key === "Enter" || event.key === "Tab") && chosen) {
            event.preventDefault();
            take(chosen.name);
          } else if (event.key === "Enter") {
            onSearch(text.trim());
            setFocused(false);
          } else if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {matching.length > 0 && (
        <ul id={listId} role="listbox" className={classes.list} aria-label="Fields">
          {matching.map((field, at) => (
            <li
              key={field.name}
              role="option"
              aria-selected={at === picked}
              onMouseDown={(event) => {
                event.preventDefault();
                take(field.name);
              }}
            >
              <span className="mono">{field.name}</span> <span className="soft small">{field.type}</span>
            </li>
          ))}
        </ul>
      )}
      {bad && (
        <div className={classes.error} role="alert">
          {bad.column ? (
            <span className="mono" aria-hidden>
              {text.slice(0, bad.column - 1)}
              <mark>{text.slice(bad.column - 1, bad.column) || "␣"}</mark>
              {text.slice(bad.column)}
            </span>
          ) : null}
          <span>{bad.error}</span>
        </div>
      )}
    </div>
  );
}

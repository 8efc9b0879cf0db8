import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import type { ApiError } from "@/api/client";
import { useApi, useScopedApi } from "@/api/queries";
import type { Facets, FieldList } from "@/api/types";
import { formatCount } from "@/lib/format";
import { type Suggestion, suggestNames, suggestValues, unfinished } from "@/model/completion";
import classes from "./SearchBox.module.css";

const SUGGESTIONS = 8;
const TYPING_MS = 150;

/** The search of a page. Enter searches; `/` comes here; names of fields and their values complete; a mistake is shown at its column. */
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

  const values = useValues(signal, focused ? text : "");
  const suggestions = focused
    ? [...suggestNames(text, fields.data?.fields ?? [], SUGGESTIONS), ...suggestValues(text, values, SUGGESTIONS)]
    : [];

  function take(suggestion: Suggestion) {
    setText(suggestion.taken);
    setPicked(-1);
    input.current?.focus();
  }

  const bad = error?.problem.code === "bad_query" ? error.problem : null;
  return (
    <div className={classes.box}>
      <TextInput
        ref={input}
        data-search
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
        aria-expanded={suggestions.length > 0}
        aria-activedescendant={picked >= 0 ? `${listId}-${picked}` : undefined}
        aria-autocomplete="list"
        aria-controls={listId}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPicked(-1);
        }}
        onKeyDown={(event) => {
          const chosen = suggestions[picked];
          if (event.key === "ArrowDown" && suggestions.length > 0) {
            event.preventDefault();
            setPicked((picked + 1) % suggestions.length);
          } else if (event.key === "ArrowUp" && suggestions.length > 0) {
            event.preventDefault();
            setPicked((picked + suggestions.length - 1) % suggestions.length);
          } else if ((event.key === "Enter" || event.key === "Tab") && chosen) {
            event.preventDefault();
            take(chosen);
          } else if (event.key === "Enter") {
            onSearch(text.trim());
            setFocused(false);
          } else if (event.key === "Escape") {
            event.preventDefault();
            if (picked >= 0) setPicked(-1);
            else event.currentTarget.blur();
          }
        }}
      />
      {suggestions.length > 0 && (
        <ul id={listId} role="listbox" className={classes.list} aria-label="Suggestions">
          {suggestions.map((one, at) => (
            <li
              key={one.text}
              id={`${listId}-${at}`}
              role="option"
              aria-selected={at === picked}
              onMouseDown={(event) => {
                event.preventDefault();
                take(one);
              }}
            >
              <span className="mono truncate">{one.text}</span> <span className="soft small">{one.note}</span>
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

/** The most frequent values, in the page's range, of the field that is being written; those that hold what is written of it. */
function useValues(signal: "logs" | "spans", text: string): { value: string; note: string }[] {
  const [settled] = useDebouncedValue(text, TYPING_MS);
  const asked = unfinished(settled);
  const field = asked?.kind === "value" ? asked.field : "";
  const word = asked?.kind === "value" && /^[\w.-]+$/.test(asked.word) ? asked.word : "";
  const found = useScopedApi<Facets>(
    signal === "logs" ? "logs/facets" : "traces/facets",
    { fields: field, query: word && field !== "level" ? `${field}:*${word}*` : "" },
    { enabled: field !== "", staleMs: 30_000 },
  );
  const facet = found.data?.facets.find((one) => one.field === field);
  return (facet?.values ?? []).map(({ value, count }) => ({ value, note: formatCount(count) }));
}

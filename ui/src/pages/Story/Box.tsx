import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

/** One box for an id of any kind. */
export function Box({ value, onAsk }: { value: string; onAsk: (id: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <form
      className="row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onAsk(text.trim());
      }}
    >
      <TextInput
        data-search
        style={{ flex: "1 1 320px" }}
        aria-label="An id of any kind"
        placeholder="Correlation, trace, request, job, message, session or user id, or an entity such as linkup:42"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" style={{ flexShrink: 0 }}>
        Tell its story
      </Button>
    </form>
  );
}

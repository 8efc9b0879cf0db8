import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Notice } from "../State";

/** Takes labels that no alert said. */
export type Give = (labels: Record<string, string>) => void;

/** Labels without which a block is not asked; where they can be given, a field for each. */
export function Missing({ labels, onGive }: { labels: readonly string[]; onGive: Give | undefined }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const needed = `Not asked: it needs the label ${labels.join(", ")}.`;
  if (onGive === undefined)
    return <Notice>{needed} Open the runbook from an alert that has it, or give it on the runbook’s own page.</Notice>;
  return (
    <form
      className="row"
      style={{ flexWrap: "wrap", alignItems: "end" }}
      onSubmit={(event) => {
        event.preventDefault();
        onGive(values);
      }}
    >
      <p className="small soft" style={{ flexBasis: "100%" }}>
        {needed}
      </p>
      {labels.map((name) => (
        <TextInput
          key={name}
          label={name}
          required
          value={values[name] ?? ""}
          onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
        />
      ))}
      <Button type="submit" variant="default">
        Ask with it
      </Button>
    </form>
  );
}

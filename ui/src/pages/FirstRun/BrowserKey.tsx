import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useChange } from "@/api/queries";
import type { IngestKeyCreate, IngestKeyCreated } from "@/api/types";
import { Section } from "@/components/PageFrame";
import { Notice, Refused } from "@/components/State";

/** A key that browsers may see: it is made for a site's origin, and then stands in the code below. */
export function BrowserKey({
  made,
  onMade,
}: {
  made: IngestKeyCreated | null;
  onMade: (key: IngestKeyCreated) => void;
}) {
  const [origin, setOrigin] = useState("");
  const make = useChange<IngestKeyCreate, IngestKeyCreated>(
    (body) => ({ path: "keys", method: "POST", body }),
    ["keys"],
  );
  function submit(event: FormEvent) {
    event.preventDefault();
    const site = origin.trim().replace(/\/+$/, "");
    make.mutate(
      { name: `browser ${site}`, environment: null, origins: [site], items_per_second: null },
      { onSuccess: onMade },
    );
  }
  return (
    <Section title="Create a key for your site: browsers show it to everybody">
      {made ? (
        <Notice tone="good">
          The key “{made.name}” takes data from {made.origins.join(", ")} alone, and stands in the code below. It is
          listed under Settings → Keys.
        </Notice>
      ) : (
        <form className="row" style={{ alignItems: "flex-end", flexWrap: "wrap" }} onSubmit={submit}>
          <TextInput
            label="Your site's origin"
            placeholder="https://shop.example"
            required
            w={280}
            value={origin}
            onChange={(event) => setOrigin(event.currentTarget.value)}
          />
          <Button type="submit" loading={make.isPending}>
            Create browser key
          </Button>
        </form>
      )}
      <Refused error={make.error} />
    </Section>
  );
}

import { Autocomplete, Button, Modal, NumberInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ApiError } from "@/api/client";
import { useApi, useScopedApi } from "@/api/queries";
import type { ReleaseList, UserList } from "@/api/types";
import { Refused } from "@/components/State";
import type { Act } from "@/model/errors/issue";
import { useMayAdminister } from "@/state/role";

/** What has to be told for an act that needs more than a click. */
export type Asked = "release" | "assignee" | "count" | "users";

const TITLE: Record<Asked, string> = {
  release: "Resolve in a release",
  assignee: "Assign",
  count: "Ignore until so many events",
  users: "Ignore until so many users",
};
const MEANS: Record<Asked, string> = {
  release: "It comes back as regressed when it is seen in this release or a later one.",
  assignee: "Whose it is: an e-mail address, or a team’s name.",
  count: "It is opened again when it came so many more times.",
  users: "It is opened again when it hit so many more users.",
};
const SUGGESTED = 100;

export function ActForm(props: {
  asked: Asked;
  busy: boolean;
  error: ApiError | null;
  onAct: (change: Act["change"]) => void;
  onClose: () => void;
}) {
  const { asked, busy, error, onAct, onClose } = props;
  const [text, setText] = useState("");
  const [number, setNumber] = useState(SUGGESTED);
  const inWords = asked === "release" || asked === "assignee";
  const suggestions = useSuggestions(asked);
  function send(event: FormEvent) {
    event.preventDefault();
    const said = text.trim();
    if (asked === "release") onAct({ status: "resolved", resolved_in: said });
    else if (asked === "assignee") onAct({ assignee: said });
    else onAct({ status: "ignored", ignore_until: { [asked]: number } });
  }
  return (
    <Modal opened onClose={onClose} title={TITLE[asked]} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={send}>
        <p className="small soft" style={{ marginTop: 0 }}>
          {MEANS[asked]}
        </p>
        {inWords ? (
          <Autocomplete
            data-autofocus
            required
            size="xs"
            label={asked === "release" ? "Release" : "To"}
            maxLength={200}
            limit={20}
            data={suggestions}
            value={text}
            onChange={setText}
          />
        ) : (
          <NumberInput
            data-autofocus
            required
            size="xs"
            label={asked === "count" ? "Events" : "Users"}
            min={1}
            max={1_000_000_000}
            allowDecimal={false}
            value={number}
            onChange={(value) => setNumber(Number(value) || 1)}
          />
        )}
        <Refused error={error} />
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={busy}>
            {asked === "release" ? "Resolve" : asked === "assignee" ? "Assign" : "Ignore"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function useSuggestions(asked: Asked): string[] {
  const admin = useMayAdminister();
  const users = useApi<UserList>("users", {}, { enabled: asked === "assignee" && admin, staleMs: 60_000 });
  const releases = useScopedApi<ReleaseList>("releases", {}, { enabled: asked === "release", staleMs: 60_000 });
  const found =
    asked === "assignee"
      ? (users.data?.users ?? []).filter((one) => !one.disabled).map((one) => one.email)
      : (releases.data?.releases ?? []).map((one) => one.version);
  return [...new Set(found)];
}

import { Button, Modal, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useChange } from "@/api/queries";
import type { DashboardAnswer, DashboardCreate } from "@/api/types";
import { Refused } from "@/components/State";
import { uidOf } from "@/model/board/editing";

/** A board without panels; it opens, and asks for its first one. */
export function NewBoard({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState("");
  const navigate = useNavigate();
  const made = useChange<DashboardCreate, DashboardAnswer>(
    (body) => ({ path: "dashboards", method: "POST", body }),
    ["dashboards"],
  );
  return (
    <Modal opened onClose={onClose} title="New dashboard" closeButtonProps={{ "aria-label": "Close" }} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const dashboard = { uid: uidOf(title), title, rows: [] };
          made.mutate(
            { dashboard },
            {
              onSuccess: ({ summary }) => void navigate({ to: "/dashboards/$uid", params: { uid: summary.uid } }),
            },
          );
        }}
      >
        <TextInput
          label="Title"
          required
          data-autofocus
          maxLength={500}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Refused error={made.error} />
        <Button type="submit" mt={12} loading={made.isPending} disabled={title.trim() === ""}>
          Create dashboard
        </Button>
      </form>
    </Modal>
  );
}

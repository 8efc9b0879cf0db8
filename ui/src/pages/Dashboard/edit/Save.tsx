import { Button, Modal, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type ApiError, request } from "@/api/client";
import type { Dashboard, DashboardAnswer, DashboardSummary } from "@/api/types";
import { Notice } from "@/components/State";
import { uidOf } from "@/model/board/editing";

/** A board as its next version with a word why; where it cannot be, as a copy. Nothing is written over unasked. */
export function Save({
  draft,
  summary,
  onSaved,
  onTheirs,
  onClose,
}: {
  draft: Dashboard;
  summary: DashboardSummary;
  onSaved: () => void;
  /** Give one's own changes up for the newer version. */
  onTheirs: () => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [message, setMessage] = useState("");
  const [copy, setCopy] = useState(summary.source !== "workspace");
  const [title, setTitle] = useState(`${draft.title} (copy)`);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const conflict = !copy && error?.problem.code === "changed_meanwhile";

  const run = async (save: () => Promise<DashboardAnswer>) => {
    setBusy(true);
    try {
      const answer = await save();
      client.setQueryData([`dashboards/${answer.summary.uid}`, {}], answer);
      void client.invalidateQueries({ queryKey: ["dashboards"] });
      onSaved();
      if (answer.summary.uid !== summary.uid)
        await navigate({ to: "/dashboards/$uid", params: { uid: answer.summary.uid } });
    } catch (problem) {
      setError(problem as ApiError);
      setBusy(false);
    }
  };
  const path = `dashboards/${summary.uid}`;
  const put = (version: number) =>
    request<DashboardAnswer>(path, { method: "PUT", body: { dashboard: draft, version, message } });
  const over = async () => {
    const newest = await request<DashboardAnswer>(path);
    return await put(newest.summary.version ?? 1);
  };
  const asCopy = () =>
    request<DashboardAnswer>("dashboards", {
      method: "POST",
      body: { dashboard: { ...draft, title, uid: uidOf(title) }, message },
    });
  return (
    <Modal
      opened
      onClose={onClose}
      title={copy ? "Save as a copy" : "Save dashboard"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(copy ? asCopy : () => put(summary.version ?? 1));
        }}
      >
        {summary.source !== "workspace" && (
          <Notice>
            {summary.source === "plan"
              ? `This board is kept in the plan (${summary.file ?? "a file"}): change it there, or save a copy here.`
              : "This board comes with Midwatch: your changes are saved as a copy."}
          </Notice>
        )}
        {copy && (
          <TextInput
            label="Title of the copy"
            required
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            mb={8}
          />
        )}
        <TextInput
          label="What changed"
          placeholder="for the history; may stay empty"
          data-autofocus
          maxLength={500}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        {error && (
          <div role="alert" style={{ marginTop: 8 }}>
            <Notice tone={conflict ? "warning" : "bad"}>
              {conflict ? "Somebody saved this board after you opened it. " : ""}
              {error.message}
            </Notice>
          </div>
        )}
        <div className="row" style={{ marginTop: 12, flexWrap: "wrap" }}>
          {conflict ? (
            <>
              <Button loading={busy} color="red" onClick={() => void run(over)}>
                Save over theirs
              </Button>
              <Button
                variant="default"
                onClick={() => {
                  setCopy(true);
                  setError(null);
                }}
              >
                Save mine as a copy
              </Button>
              <Button variant="default" onClick={onTheirs}>
                Take theirs, discard mine
              </Button>
            </>
          ) : (
            <Button type="submit" loading={busy}>
              {copy ? "Save copy" : "Save dashboard"}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

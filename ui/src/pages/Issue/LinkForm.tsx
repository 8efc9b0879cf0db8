import { Button, Modal, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { IssueLink, NewIssueLink, TrackerList } from "@/api/types";
import { Refused } from "@/components/State";
import { useIssuesAgain } from "@/pages/Errors/useActs";

const BY_ADDRESS = "";

/** Notes an issue of a tracker, or has the tracker make one. */
export function LinkForm({ id, onClose }: { id: number; onClose: () => void }) {
  const again = useIssuesAgain();
  const trackers = useApi<TrackerList>("errors/trackers", {}, { staleMs: 30_000 });
  const [chosen, setChosen] = useState<string>();
  const [url, setUrl] = useState("");
  const tracker = chosen ?? trackers.data?.trackers[0] ?? BY_ADDRESS;
  const link = useChange<NewIssueLink, IssueLink>((body) => ({ path: `issues/${id}/links`, method: "POST", body }), []);
  function send(event: FormEvent) {
    event.preventDefault();
    const said = url.trim();
    const body =
      tracker === BY_ADDRESS ? { tracker: hostOf(said), url: said, title: "" } : { tracker, url: "", title: "" };
    link.mutate(body, {
      onSuccess: () => {
        again();
        onClose();
      },
    });
  }
  return (
    <Modal opened onClose={onClose} title="Link to a tracker" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={send}>
        <Select
          label="Where"
          allowDeselect={false}
          value={tracker}
          onChange={(value) => setChosen(value ?? BY_ADDRESS)}
          data={[
            ...(trackers.data?.trackers ?? []).map((name) => ({ value: name, label: `Create an issue in ${name}` })),
            { value: BY_ADDRESS, label: "An issue that is there" },
          ]}
        />
        {tracker === BY_ADDRESS && (
          <TextInput
            mt="xs"
            label="Its address"
            required
            type="url"
            maxLength={1000}
            placeholder="https://…"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
        )}
        {trackers.data?.trackers.length === 0 && (
          <p className="small soft">
            With a tracker under `trackers` in the plan an issue can be made there from here.
          </p>
        )}
        <Refused error={link.error} />
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={link.isPending}>
            {tracker === BY_ADDRESS ? "Link" : "Create issue"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname.slice(0, 40) : "link";
}

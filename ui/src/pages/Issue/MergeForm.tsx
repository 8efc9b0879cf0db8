import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { IssueList, IssueSummary } from "@/api/types";
import { Refused } from "@/components/State";
import { plural } from "@/lib/format";
import type { Acts } from "@/pages/Errors/useActs";

/** Issues that look alike, or that are named by their numbers, become a part of this one. */
export function MergeForm({ issue, acts, onClose }: { issue: IssueSummary; acts: Acts; onClose: () => void }) {
  const similar = useApi<IssueList>(`issues/${issue.id}/similar`);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [typed, setTyped] = useState("");
  const words = typed.split(/[\s,#]+/).filter(Boolean);
  const wrong = words.find((one) => !/^\d{1,15}$/.test(one));
  const ids = [...new Set([...chosen, ...words.map(Number)])].filter((one) => one !== issue.id);
  return (
    <Modal
      opened
      onClose={onClose}
      title="Merge into this issue"
      size="lg"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <p className="small soft" style={{ marginTop: 0 }}>
        Their events are this issue’s from then on; they can be split off again.
      </p>
      {similar.data?.issues.map((one) => (
        <Checkbox
          key={one.id}
          size="xs"
          mb={6}
          label={
            <>
              {one.title} <span className="soft">{[one.culprit, one.service].filter(Boolean).join(" · ")}</span>
            </>
          }
          checked={chosen.includes(one.id)}
          onChange={(event) =>
            setChosen(event.currentTarget.checked ? [...chosen, one.id] : chosen.filter((other) => other !== one.id))
          }
        />
      ))}
      {similar.data?.issues.length === 0 && <p className="soft small">No other issue has its type or its place.</p>}
      <TextInput
        mt="xs"
        label="Others, by their numbers"
        placeholder="12, 15"
        error={wrong === undefined ? undefined : `${wrong}: expected the number of an issue`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Refused error={acts.error} />
      <div className="row" style={{ marginTop: 16 }}>
        <Button
          disabled={ids.length === 0 || wrong !== undefined}
          loading={acts.busy}
          onClick={() => acts.merge({ into: issue.id, ids }, onClose)}
        >
          {ids.length === 0 ? "Merge" : `Merge ${plural(ids.length, "issue")}`}
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Modal>
  );
}

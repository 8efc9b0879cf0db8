import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import type { IssueSummary } from "@/api/types";
import { Refused } from "@/components/State";
import { plural } from "@/lib/format";
import { mergeTarget } from "@/model/errors/issue";
import { ActBar } from "./ActBar";
import classes from "./Errors.module.css";
import type { Acts } from "./useActs";
import type { Picked } from "./usePicked";

/** What one can do about the issues that are picked. */
export function PickedBar({ issues, picked, acts }: { issues: readonly IssueSummary[]; picked: Picked; acts: Acts }) {
  const [merging, setMerging] = useState(false);
  const some = issues.filter((one) => picked.has(one.id));
  const into = mergeTarget(some);
  const others = some.filter((one) => one.id !== into?.id);
  if (into === undefined) return null;
  return (
    <div className={classes.picked} role="toolbar" aria-label="What is picked">
      <strong>{plural(some.length, "issue")} picked</strong>
      <ActBar
        ids={picked.ids}
        acts={acts}
        closed={some.every((one) => one.status !== "unresolved")}
        onDone={picked.none}
      />
      {others.length > 0 && (
        <Button variant="default" onClick={() => setMerging(true)}>
          Merge
        </Button>
      )}
      <Button variant="subtle" onClick={picked.none}>
        Pick none
      </Button>
      <Modal
        opened={merging}
        onClose={() => setMerging(false)}
        title="Merge issues"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <p>
          From now on the events of {plural(others.length, "issue")} are those of “{into.title}”, which is known for
          longest. They can be split off again.
        </p>
        <Refused error={acts.error} />
        <div className="row">
          <Button
            loading={acts.busy}
            onClick={() =>
              acts.merge({ into: into.id, ids: others.map((one) => one.id) }, () => {
                setMerging(false);
                picked.none();
              })
            }
          >
            Merge {plural(some.length, "issue")}
          </Button>
          <Button variant="default" onClick={() => setMerging(false)}>
            Cancel
          </Button>
        </div>
      </Modal>
    </div>
  );
}

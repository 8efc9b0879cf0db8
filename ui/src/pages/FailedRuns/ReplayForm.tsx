import { Button, Checkbox, Modal, NumberInput, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ReplayAsk, ReplayAsked } from "@/api/types";
import { Refused } from "@/components/State";
import { plural } from "@/lib/format";
import { useReplay } from "./useReplay";

const RATE = 60;
const RATE_MAX = 6000;
const REASON_MIN = 3;
const REASON_MAX = 500;

/** Asks why, how fast, and whether it is only to be tried whether they would run. */
export function ReplayForm(props: {
  /** Which runs. */
  which: Partial<ReplayAsk>;
  runs: number;
  /** Some of them were cut off in the middle. */
  cutOff: boolean;
  onAsked: (asked: ReplayAsked) => void;
  onClose: () => void;
}) {
  const { which, runs, cutOff, onAsked, onClose } = props;
  const [reason, setReason] = useState("");
  const [rate, setRate] = useState(RATE);
  const [dry, setDry] = useState(false);
  const [confirmed, setConfirmed] = useState(false);
  const replay = useReplay();
  const send = (event: FormEvent) => {
    event.preventDefault();
    const how = { reason, dry_run: dry, confirm_unknown: confirmed, rate_per_minute: rate };
    replay.ask({ ...which, ...how } as ReplayAsk, onAsked);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Replay ${plural(runs, "failed run")}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form onSubmit={send}>
        <p className="small soft" style={{ marginTop: 0 }}>
          Your app runs {runs === 1 ? "it" : "them"} again with the arguments that it has kept. What has finished
          meanwhile is not run again. Who asked and why is in the audit log.
        </p>
        <Textarea
          data-autofocus
          required
          size="xs"
          label="Reason"
          placeholder="The gateway is back"
          minLength={REASON_MIN}
          maxLength={REASON_MAX}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {runs > 1 && (
          <NumberInput
            required
            mt="xs"
            size="xs"
            w={160}
            label="Runs a minute"
            min={1}
            max={RATE_MAX}
            allowDecimal={false}
            value={rate}
            onChange={(value) => setRate(Number(value) || 1)}
          />
        )}
        <Checkbox
          mt="sm"
          size="xs"
          label="Dry run: ask the app whether it would run, and run nothing"
          checked={dry}
          onChange={(event) => setDry(event.currentTarget.checked)}
        />
        {cutOff && (
          <Checkbox
            mt="sm"
            size="xs"
            label="I have looked: what was cut off in the middle has not finished, and may run again"
            checked={confirmed}
            onChange={(event) => setConfirmed(event.currentTarget.checked)}
          />
        )}
        <Refused error={replay.error} />
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={replay.busy}>
            {dry ? "Try without running" : `Replay ${plural(runs, "run")}`}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

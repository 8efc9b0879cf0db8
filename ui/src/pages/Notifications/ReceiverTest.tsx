import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { useChange } from "@/api/queries";
import type { ReceiverTest as Body, ReceiverTested } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { Refused } from "@/components/State";
import { formatSeconds } from "@/lib/format";
import classes from "./Notifications.module.css";

/** A real message, marked as a test, by every integration of a receiver; and what each vendor answered. */
export function ReceiverTest({ receiver, onClose }: { receiver: string; onClose: () => void }) {
  const [message, setMessage] = useState("");
  const test = useChange<Body, ReceiverTested>(
    (body) => ({ path: `receivers/${encodeURIComponent(receiver)}/test`, method: "POST", body }),
    ["receivers", "notifications"],
  );
  return (
    <Modal opened onClose={onClose} title={`Send a test to ${receiver}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate({ message });
        }}
      >
        <p className="small soft" style={{ marginTop: 0 }}>
          A message marked [TEST] really goes out by each of its integrations. What it opens is closed at once.
        </p>
        <TextInput
          label="It says"
          data-autofocus
          maxLength={1000}
          placeholder={`A test of ${receiver}, and nothing is wrong`}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <Refused error={test.error} />
        {test.data && <Results tested={test.data} />}
        <div className="row" style={{ marginTop: 16 }}>
          <Button type="submit" loading={test.isPending}>
            {test.data ? "Send another" : "Send the test"}
          </Button>
          <Button variant="default" onClick={onClose}>
            {test.data ? "Close" : "Cancel"}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Results({ tested }: { tested: ReceiverTested }) {
  return (
    <div role="status" aria-label="What came of the test">
      <ul className={classes.results}>
        {tested.results.map((one) => (
          <li key={one.integration}>
            <HealthMark
              health={one.delivered ? "good" : "bad"}
              word={`${one.integration} ${one.delivered ? `took it in ${formatSeconds(one.seconds)}` : "did not take it"}`}
            />
            {one.error && <p className="bad">{one.error}</p>}
            <p>
              <Go to="/alerts/notifications" search={{ open: one.notification_id }} className="among">
                Request and answer
              </Go>
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

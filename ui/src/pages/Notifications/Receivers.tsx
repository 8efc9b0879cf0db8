import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ApiError } from "@/api/client";
import type { ReceiverList } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { LongTable } from "@/components/LongTable";
import { Empty, InForce, Loaded, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { integrationFares, type ReceiverRow, receiverRows } from "@/model/notifications";
import { useMayEdit } from "@/state/role";
import { ReceiverTest } from "./ReceiverTest";
import classes from "./Notifications.module.css";

const COLUMNS = [
  { label: "Receiver" },
  { label: "By", wideOnly: true },
  { label: "Fares" },
  { label: "Last success", wideOnly: true },
  { label: "Last failure", wideOnly: true },
  { label: "Test" },
];

/** Who can be told, by what, and how it went last: those that fail come first. */
export function Receivers({ query }: { query: UseQueryResult<ReceiverList, ApiError> }) {
  const rows = useMemo(() => receiverRows(query.data?.receivers ?? []), [query.data]);
  const [testing, setTesting] = useState<string>();
  const mayEdit = useMayEdit();
  return (
    <Loaded query={query} what="the receivers" empty={(data) => data.receivers.length === 0 && <NoReceivers />}>
      {() => (
        <>
          <LongTable
            label="Receivers"
            what={["integration", "integrations"]}
            items={rows}
            columns={COLUMNS}
            text={({ receiver, integration }) => `${receiver} ${integration.integration} ${integration.error}`}
            row={(row) => (
              <Row
                key={`${row.receiver} ${row.integration.integration}`}
                row={row}
                onTest={mayEdit ? () => setTesting(row.receiver) : undefined}
              />
            )}
          />
          {testing !== undefined && <ReceiverTest receiver={testing} onClose={() => setTesting(undefined)} />}
        </>
      )}
    </Loaded>
  );
}

function Row({ row, onTest }: { row: ReceiverRow; onTest: (() => void) | undefined }) {
  const { receiver, first, integration: one } = row;
  const { word, health } = integrationFares(one);
  return (
    <tr className={classes.integration}>
      <td className={classes.receiver}>
        {first && (
          <Go to="/alerts/notifications" search={{ receiver }} title={`What was sent to ${receiver}`}>
            {receiver}
          </Go>
        )}
        <p className={`${classes.narrow} soft`}>{one.integration}</p>
      </td>
      <td className="wide-only">{one.integration}</td>
      <td className={classes.name}>
        <HealthMark health={health} word={word} size={14} />
        {one.failing_since && (
          <p className={`${classes.under} soft`}>
            first failed <RelativeTime time={one.failing_since} />
          </p>
        )}
        {health === "bad" && one.error && (
          <p className={`${classes.under} bad`} title={one.error}>
            {one.error}
          </p>
        )}
      </td>
      <td className="wide-only">
        <RelativeTime time={one.last_delivered} />
      </td>
      <td className="wide-only">
        <RelativeTime time={one.last_failed} />
      </td>
      <td>
        {first && onTest && (
          <Button size="compact-xs" variant="default" aria-label={`Send a test to ${receiver}`} onClick={onTest}>
            Send a test
          </Button>
        )}
      </td>
    </tr>
  );
}

const SLACK = `receivers:
  - name: team
    slack_configs:
      - api_url_file: secrets/slack
        channel: "#alerts"`;

/** No receiver can be told of anything. */
export function NoReceivers() {
  return (
    <Empty title="No receivers yet">
      Alerts are shown on this page alone: no receiver of the plan&apos;s <code>alertmanager.yml</code> has a way to be
      told. Give one <code>webhook_configs</code>, <code>slack_configs</code> or another of the channels:
      <Snippet code={SLACK} label="the part of the file" />
      <InForce />
    </Empty>
  );
}

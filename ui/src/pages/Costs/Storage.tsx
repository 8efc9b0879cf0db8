import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { StorageList } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { useNow } from "@/components/Time";
import { apartColors } from "@/lib/colors";
import { formatBytes, formatCount, formatExact, searchValue } from "@/lib/format";
import { moneyText, type Sender, senderName, senders, storageSeries } from "@/model/costs";
import { resolveRange } from "@/model/range";
import { useScope } from "@/state/scope";
import classes from "./Costs.module.css";
import { EVERY_MS } from "./Spending";
import { Share } from "./Values";

const COLUMNS = [
  { label: "Service" },
  { label: "Signal" },
  { label: "On disk", numeric: true },
  { label: "Share" },
  { label: "A month", numeric: true },
  { label: "Items", numeric: true, wideOnly: true },
  { label: "Bytes an item", numeric: true, wideOnly: true },
];

/** Who fills Midwatch's own disk. */
export function Storage() {
  const query = useScopedApi<StorageList>("costs/storage", {}, { everyMs: EVERY_MS });
  return (
    <Loaded
      query={query}
      what="the storage"
      empty={(data) =>
        data.rows.length === 0 && (
          <Empty title="Nothing is stored of this time range" action={<LookFurther />}>
            Nothing came in it, or it is no longer kept.
          </Empty>
        )
      }
    >
      {(data) => <Stored data={data} />}
    </Loaded>
  );
}

function Stored({ data }: { data: StorageList }) {
  const { range } = useScope();
  const now = useNow(EVERY_MS);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  const rows = useMemo(() => senders(data.rows), [data]);
  const series = useMemo(() => {
    const found = storageSeries(data.rows);
    const colorOf = apartColors(found.map((one) => one.name));
    return found.map((one) => ({ ...one, color: colorOf(one.name) }));
  }, [data]);
  const loudest = rows.find((one) => one.service && one.signal === "logs");
  return (
    <>
      <Figures>
        <Figure label="On disk of these days">
          <span title={`${formatExact(data.disk_bytes)} bytes`}>{formatBytes(data.disk_bytes)}</span>
        </Figure>
        {loudest && (
          <Figure label="Logs most" note={<span className="small soft">{formatBytes(loudest.diskBytes)}</span>}>
            {loudest.service}
          </Figure>
        )}
      </Figures>
      <Chart
        title="On disk by day"
        kind="bars"
        height={200}
        legend
        series={series}
        startMs={startMs}
        endMs={endMs}
        format={formatBytes}
      />
      <LongTable
        label="Storage by service"
        what={["row", "rows"]}
        items={rows}
        columns={COLUMNS}
        text={senderName}
        row={(one) => <Row key={senderName(one)} sender={one} currency={data.currency} />}
      />
      <p className="small soft">
        A day’s tables are shared among services: of logs and traces by the bytes that they sent, of metrics by series,
        of the others by how many there are. Money is by the plan’s price of <code>midwatch.storage</code>.
      </p>
    </>
  );
}

const PLACES: Record<string, string> = { logs: "/logs", traces: "/traces" };

function Row({ sender, currency }: { sender: Sender; currency: string }) {
  const to = PLACES[sender.signal];
  return (
    <tr>
      <td className={classes.value}>
        {sender.service && to ? (
          <Go to={to} search={{ query: `service:${searchValue(sender.service)}` }} className="truncate">
            {sender.service}
          </Go>
        ) : (
          <span className="soft">not told apart</span>
        )}
      </td>
      <td>{sender.signal}</td>
      <td className="num" title={`${formatExact(sender.diskBytes)} bytes`}>
        {formatBytes(sender.diskBytes)}
      </td>
      <td>
        <Share share={sender.share} />
      </td>
      <td className="num soft">{sender.aMonth === undefined ? "–" : moneyText(String(sender.aMonth), currency)}</td>
      <td className="num wide-only soft">{sender.items > 0 ? formatCount(sender.items) : "–"}</td>
      <td className="num wide-only soft" title="Before compression, of what tells items apart">
        {sender.items > 0 ? formatBytes(sender.sentBytes / sender.items) : "–"}
      </td>
    </tr>
  );
}

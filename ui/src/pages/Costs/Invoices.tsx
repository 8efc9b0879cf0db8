import { Button, FileInput, TextInput } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { Difference, InvoiceList, InvoiceSummary, InvoiceToImport, Reconciliation } from "@/api/types";
import { Confirm } from "@/components/Confirm";
import { Drawer } from "@/components/Drawer";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, Notice, Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { readMatch, writeMatch } from "@/model/costs";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Costs.module.css";
import { Money } from "./Money";
import type { CostsSearch } from "./url";

const TOUCHED = ["costs/invoices"];
const COLUMNS = [
  { label: "Vendor" },
  { label: "Month" },
  { label: "Amount", numeric: true },
  { label: "Lines", numeric: true, wideOnly: true },
  { label: "Imported", numeric: true, wideOnly: true },
];

/** What vendors asked for, beside what was reckoned. */
export function Invoices() {
  const { invoice } = useSearch({ strict: false }) as CostsSearch;
  const change = useSearchChange<CostsSearch>();
  const query = useApi<InvoiceList>("costs/invoices");
  return (
    <>
      <Import onDone={(id) => change({ invoice: id })} />
      <Loaded
        query={query}
        what="the invoices"
        empty={(data) =>
          data.invoices.length === 0 && (
            <Empty title="No invoices yet">
              A vendor’s invoice as CSV is compared with what was reckoned, by kind and day. Its columns are found by
              their usual names; <code>midwatch costs import-invoice</code> takes others, too.
            </Empty>
          )
        }
      >
        {(data) => (
          <LongTable
            label="Invoices"
            what={["invoice", "invoices"]}
            items={data.invoices}
            columns={COLUMNS}
            row={(one) => <Row key={one.id} invoice={one} onOpen={() => change({ invoice: one.id })} />}
          />
        )}
      </Loaded>
      {invoice !== undefined && (
        <Drawer key="drawer" title="Invoice" onClose={() => change({ invoice: undefined })}>
          <Compared key={invoice} id={invoice} onGone={() => change({ invoice: undefined })} />
        </Drawer>
      )}
    </>
  );
}

function Row({ invoice, onOpen }: { invoice: InvoiceSummary; onOpen: () => void }) {
  return (
    <tr onClick={onOpen} style={{ cursor: "pointer" }}>
      <td className={classes.value}>
        <button type="button" className="row-open truncate">
          {invoice.vendor}
        </button>
      </td>
      <td>{invoice.month}</td>
      <td className="num">
        <Money amount={invoice.amount} currency={invoice.currency} />
      </td>
      <td className="num wide-only soft">{invoice.lines}</td>
      <td className="num wide-only soft" title={`by ${invoice.imported_by}`}>
        <RelativeTime time={invoice.imported_at} />
      </td>
    </tr>
  );
}

function Import({ onDone }: { onDone: (id: string) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [vendor, setVendor] = useState("");
  const [month, setMonth] = useState("");
  const [ours, setOurs] = useState("");
  const [unread, setUnread] = useState(false);
  const send = useChange<InvoiceToImport, Reconciliation>(
    (body) => ({ path: "costs/invoices", method: "POST", body }),
    TOUCHED,
  );
  const importIt = async () => {
    const text = await file?.text().catch(() => null);
    setUnread(text === null);
    if (typeof text !== "string") return;
    const match = Object.fromEntries(readMatch(ours.trim() ? [ours.trim()] : []).map((one) => [one.name, one.value]));
    const body = { vendor: vendor.trim(), month, text, columns: {}, kinds: {}, match, currency: "" };
    send.mutate(body as unknown as InvoiceToImport, {
      onSuccess: (found) => {
        setFile(null);
        onDone(found.invoice.id);
      },
    });
  };
  return (
    <>
      <form
        className={classes.import}
        aria-label="Import an invoice"
        onSubmit={(event) => {
          event.preventDefault();
          void importIt();
        }}
      >
        <FileInput label="Invoice" placeholder="A file of CSV" accept=".csv,text/csv" value={file} onChange={setFile} />
        <TextInput label="Vendor" required value={vendor} onChange={(event) => setVendor(event.currentTarget.value)} />
        <TextInput
          label="Month"
          type="month"
          required
          value={month}
          onChange={(event) => setMonth(event.currentTarget.value)}
        />
        <TextInput
          label="Our costs of it"
          placeholder="kind=sms"
          value={ours}
          onChange={(event) => setOurs(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!file || !vendor || !month} loading={send.isPending}>
          Import and compare
        </Button>
      </form>
      {unread && <Notice tone="bad">The file has changed since it was chosen: choose it again.</Notice>}
      {!unread && <Refused error={send.error} />}
    </>
  );
}

function Compared({ id, onGone }: { id: string; onGone: () => void }) {
  const query = useApi<Reconciliation>(`costs/invoices/${id}`);
  const remove = useChange<string>((one) => ({ path: `costs/invoices/${one}`, method: "DELETE" }), TOUCHED);
  return (
    <Loaded query={query} what="the invoice">
      {(found) => {
        const { invoice, currency, total } = found;
        const match = Object.entries(found.match).map(([name, value]) => ({ name, value }));
        return (
          <>
            <h2>
              {invoice.vendor} {invoice.month}
            </h2>
            <p>
              The invoice asks for <Money amount={total.invoiced} currency={currency} />; we reckoned{" "}
              <Go
                to="/costs"
                className="among"
                search={{ tab: undefined, invoice: undefined, match: writeMatch(match), ...monthOf(invoice) }}
              >
                <Money amount={total.ours} currency={currency} />
              </Go>
              .
            </p>
            <Table
              title="By kind"
              name="Kind"
              rows={[...found.by_kind, { ...total, kind: "in all" }]}
              currency={currency}
            />
            {found.by_day.length > 0 && <Table title="By day" name="Day" rows={found.by_day} currency={currency} />}
            <Refused error={remove.error} />
            <Confirm
              act="Delete invoice"
              what={`The invoice of ${invoice.vendor} for ${invoice.month} and what it differs by will be gone.`}
              busy={remove.isPending}
              onConfirm={() => remove.mutate(invoice.id, { onSuccess: onGone })}
            />
          </>
        );
      }}
    </Loaded>
  );
}

function Table({ title, name, rows, currency }: { title: string; name: string; rows: Difference[]; currency: string }) {
  return (
    <Section title={title}>
      <div className="table-wrap" tabIndex={0} role="region" aria-label={title}>
        <table className="dense">
          <thead>
            <tr>
              <th>{name}</th>
              <th className="num">Invoice</th>
              <th className="num">Ours</th>
              <th className="num">Difference</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.kind || one.day}>
                <td>{one.kind || one.day}</td>
                <td className="num">
                  <Money amount={one.invoiced} currency={currency} />
                </td>
                <td className="num">
                  <Money amount={one.ours} currency={currency} />
                </td>
                <td className="num">
                  <Money amount={one.difference} currency={currency} />{" "}
                  <span className="soft">{one.percent === null ? "" : percentText(one.percent)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function percentText(percent: number): string {
  if (percent === 0) return "±0 %";
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %`;
}

function monthOf(invoice: InvoiceSummary): { start: string; end: string } {
  const [year = 0, month = 0] = invoice.month.split("-").map(Number);
  return {
    start: new Date(Date.UTC(year, month - 1, 1)).toISOString(),
    end: new Date(Date.UTC(year, month, 1)).toISOString(),
  };
}

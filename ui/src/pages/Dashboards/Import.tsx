import { Button, FileButton, Modal, Textarea } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useChange } from "@/api/queries";
import type { DashboardImported, DashboardImportRequest } from "@/api/types";
import { Notice } from "@/components/State";
import { plural } from "@/lib/format";

/** A dashboard from Grafana's JSON or our YAML: what of it is drawn, and what is not and why. */
export function Import({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const imported = useChange<DashboardImportRequest, DashboardImported>(
    (body) => ({ path: "dashboard-import", method: "POST", body }),
    ["dashboards"],
  );
  const exists = imported.error?.status === 409;
  const send = (overwrite: boolean) => imported.mutate({ text, overwrite });
  return (
    <Modal opened onClose={onClose} title="Import dashboard" closeButtonProps={{ "aria-label": "Close" }} size="lg">
      {imported.data ? (
        <Imported answer={imported.data} />
      ) : (
        <>
          <Textarea
            label="Grafana's JSON, or Midwatch's YAML"
            autosize
            minRows={8}
            maxRows={18}
            styles={{ input: { fontFamily: "var(--mono)", fontSize: 12 } }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {imported.error && <Notice tone={exists ? "warning" : "bad"}>{imported.error.message}</Notice>}
          <div className="row" style={{ marginTop: 12 }}>
            <Button loading={imported.isPending} disabled={text.trim() === ""} onClick={() => send(false)}>
              Import dashboard
            </Button>
            {exists && (
              <Button variant="default" onClick={() => send(true)}>
                Replace it by a new version
              </Button>
            )}
            <FileButton accept=".json,.yml,.yaml" onChange={(file) => void file?.text().then(setText)}>
              {(props) => (
                <Button variant="default" {...props}>
                  Choose a file
                </Button>
              )}
            </FileButton>
          </div>
        </>
      )}
    </Modal>
  );
}

function Imported({ answer: { summary, report } }: { answer: DashboardImported }) {
  return (
    <>
      <p>
        <Link to="/dashboards/$uid" params={{ uid: summary.uid }}>
          {summary.title}
        </Link>
        : {report.drawable} of {plural(report.panels, "panel")} can be drawn.
      </p>
      <Remarks title="Refused" remarks={report.refused} />
      <Remarks title="Left out" remarks={report.ignored} />
      {report.ignored_count > report.ignored.length && (
        <p className="small soft">and {report.ignored_count - report.ignored.length} more</p>
      )}
    </>
  );
}

function Remarks({ title, remarks }: { title: string; remarks: DashboardImported["report"]["refused"] }) {
  if (remarks.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {remarks.map((one, at) => (
          <li key={at}>
            {one.title && <b>{one.title}: </b>}
            {one.reason}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { Anchor, Button, Modal } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { LIVE_MS, useApi } from "@/api/queries";
import type { StatusPageAnswer } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { PageFrame, Section } from "@/components/PageFrame";
import { Empty, Loaded, Notice } from "@/components/State";
import { isOver, STATE_HEALTH, STATE_WORD } from "@/model/statusPage";
import { availabilityText } from "@/model/uptime";
import { useMayEdit } from "@/state/role";
import { useSearchChange } from "@/state/useOpened";
import { DefinitionForm } from "./DefinitionForm";
import { NoticeForm } from "./NoticeForm";
import { NoticeRow } from "./NoticeRow";
import classes from "./StatusPage.module.css";
import { Subscribers } from "./Subscribers";
import type { StatusPageSearch } from "./url";
import { UptimeViews } from "./UptimeViews";

/** What the public is told, and where that is written: components, incidents, maintenance. */
export function StatusPage() {
  const query = useApi<StatusPageAnswer>("status-page", {}, { everyMs: LIVE_MS });
  const { doing } = useSearch({ strict: false }) as StatusPageSearch;
  const change = useSearchChange<StatusPageSearch>();
  const navigate = useNavigate();
  const mayEdit = useMayEdit();
  const done = () => change({ doing: undefined });
  if (doing === "edit" && query.data)
    return (
      <PageFrame
        title="Edit status page"
        actions={
          <Button variant="default" onClick={done}>
            Back to the status page
          </Button>
        }
      >
        <DefinitionForm definition={query.data.definition} onDone={done} />
      </PageFrame>
    );
  return (
    <PageFrame title="Status page" heading="Uptime">
      <UptimeViews />
      <Loaded
        query={query}
        what="the status page"
        empty={(data) =>
          data.source === "none" && (
            <Empty
              title="No status page yet"
              action={mayEdit && <Button onClick={() => change({ doing: "edit" })}>Create status page</Button>}
            >
              It tells the public how each component is, by probes and heartbeats, and of incidents and maintenance.
              Create it here, or as <code>status_page</code> in the plan.
            </Empty>
          )
        }
      >
        {(data) => (
          <Told
            data={data}
            mayEdit={mayEdit}
            onEdit={() => change({ doing: "edit" })}
            onBegin={(kind) => change({ doing: kind })}
            listed={doing === "subscribers"}
            onList={(listed) => change({ doing: listed ? "subscribers" : undefined })}
          />
        )}
      </Loaded>
      <Modal
        opened={(doing === "incident" || doing === "maintenance") && query.data !== undefined}
        onClose={() => void navigate({ to: ".", search: ((all: object) => ({ ...all, doing: undefined })) as never })}
        title={doing === "maintenance" ? "Schedule maintenance" : "Open incident"}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {(doing === "incident" || doing === "maintenance") && (
          <NoticeForm
            kind={doing}
            components={(query.data?.definition.components ?? []).map((one) => one.name)}
            onDone={done}
          />
        )}
      </Modal>
    </PageFrame>
  );
}

function Told({
  data: { definition, source, state, components, notices, subscriptions },
  mayEdit,
  onEdit,
  onBegin,
  listed,
  onList,
}: {
  data: StatusPageAnswer;
  mayEdit: boolean;
  onEdit: () => void;
  onBegin: (kind: "incident" | "maintenance") => void;
  listed: boolean;
  onList: (listed: boolean) => void;
}) {
  const open = notices.filter((one) => !isOver(one));
  const over = notices.filter(isOver);
  const path = definition.path ?? "/status";
  const groups = [...new Set((definition.components ?? []).map((one) => one.group ?? ""))];
  const states = new Map(components.map((one) => [one.name, one]));
  return (
    <>
      <div className="spread">
        <span className={classes.title}>
          {state && <HealthMark health={STATE_HEALTH[state]} />}
          {definition.title}
          <Anchor href={path} target="_blank" rel="noreferrer" className="small">
            {definition.host || path}
          </Anchor>
        </span>
        {mayEdit && (
          <span className="row" style={{ flexWrap: "wrap" }}>
            <Button onClick={() => onBegin("incident")}>Open incident</Button>
            <Button variant="default" onClick={() => onBegin("maintenance")}>
              Schedule maintenance
            </Button>
            {source === "workspace" && (
              <Button variant="default" onClick={onEdit}>
                Edit status page
              </Button>
            )}
          </span>
        )}
      </div>
      {source === "plan" && (
        <Notice>Its title and components come from the plan, and are changed there; incidents are written here.</Notice>
      )}
      <Section title="Now">
        {open.map((one) => (
          <NoticeRow key={one.id} notice={one} mayEdit={mayEdit} />
        ))}
        {open.length === 0 && <p className="soft">No incident is open and no maintenance is to come.</p>}
      </Section>
      <Section title="Components" aside="up over 90 days">
        {groups.map((group) => (
          <table key={group} className={`dense ${classes.components}`}>
            {group && <caption className={classes.group}>{group}</caption>}
            <tbody>
              {(definition.components ?? [])
                .filter((one) => (one.group ?? "") === group)
                .map((one) => {
                  const found = states.get(one.name);
                  return (
                    <tr key={one.name}>
                      <th scope="row" className={classes.component}>
                        {one.name}
                        {one.description && <span className="small soft"> {one.description}</span>}
                      </th>
                      <td className="soft wide-only small">{watchedBy(one)}</td>
                      <td className={classes.state}>
                        {found && <HealthMark health={STATE_HEALTH[found.state]} word={STATE_WORD[found.state]} />}
                      </td>
                      <td className="num">{availabilityText(found?.availability ?? null)}</td>
                    </tr>
                  );
                })}
            </tbody>
          </table>
        ))}
        {groups.length === 0 && <p className="soft">It has none yet.</p>}
      </Section>
      <Subscribers subscriptions={subscriptions} listed={listed} onList={onList} />
      <Section title="Past 90 days">
        {over.map((one) => (
          <NoticeRow key={one.id} notice={one} mayEdit={mayEdit} />
        ))}
        {over.length === 0 && <p className="soft">Nothing was told.</p>}
      </Section>
    </>
  );
}

function watchedBy({ probes = [], heartbeats = [] }: { probes?: string[]; heartbeats?: string[] }): string {
  return [...probes, ...heartbeats].join(", ") || "by incidents alone";
}

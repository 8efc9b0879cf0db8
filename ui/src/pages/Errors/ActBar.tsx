import { Button, Menu } from "@mantine/core";
import { IconBan, IconCheck, IconChevronDown, IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { IssueChange, Me } from "@/api/types";
import { type Act, IGNORE, IGNORE_FOR, REOPEN, RESOLVE, RESOLVE_NEXT } from "@/model/errors/issue";
import { ActForm, type Asked } from "./ActForm";
import type { Acts } from "./useActs";

const PRIORITIES = ["high", "medium", "low"] as const;

/** What one can do about issues: of one, or of all that are picked. */
export function ActBar(props: {
  ids: readonly number[];
  acts: Acts;
  /** Where all of them are resolved or ignored they can be opened again, and else not. */
  closed: boolean;
  /** After any of it. */
  onDone?: () => void;
}) {
  const { ids, acts, closed, onDone } = props;
  const [asked, setAsked] = useState<Asked>();
  const me = useApi<Me>("auth/me", {}, { staleMs: 60_000 });
  const mine = me.data?.email;
  const put = (change: Omit<IssueChange, "ids">) => acts.change({ ids: [...ids], ...change }, onDone);
  const item = ({ label, change }: Act) => (
    <Menu.Item key={label} onClick={() => put(change)}>
      {label}
    </Menu.Item>
  );
  return (
    <>
      {closed ? (
        <Button variant="default" loading={acts.busy} onClick={() => put(REOPEN.change)}>
          {REOPEN.label}
        </Button>
      ) : (
        <>
          <Split
            act={RESOLVE}
            icon={<IconCheck size={14} aria-hidden />}
            more="Resolve in"
            busy={acts.busy}
            onAct={put}
          >
            {item(RESOLVE_NEXT)}
            <Menu.Item onClick={() => setAsked("release")}>In a release …</Menu.Item>
          </Split>
          <Split act={IGNORE} icon={<IconBan size={14} aria-hidden />} more="Ignore until" busy={acts.busy} onAct={put}>
            {IGNORE_FOR.map(item)}
            <Menu.Item onClick={() => setAsked("count")}>Until so many events …</Menu.Item>
            <Menu.Item onClick={() => setAsked("users")}>Until so many users …</Menu.Item>
          </Split>
        </>
      )}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconUser size={14} aria-hidden />}
            rightSection={<IconChevronDown size={12} aria-hidden />}
          >
            Assign
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mine && <Menu.Item onClick={() => put({ assignee: mine })}>To me</Menu.Item>}
          <Menu.Item onClick={() => setAsked("assignee")}>To somebody or a team …</Menu.Item>
          <Menu.Item onClick={() => put({ assignee: "" })}>To nobody</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={12} aria-hidden />}>
            Priority
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {PRIORITIES.map((priority) => (
            <Menu.Item key={priority} onClick={() => put({ priority })}>
              {priority}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {asked && (
        <ActForm
          asked={asked}
          busy={acts.busy}
          error={acts.error}
          onClose={() => setAsked(undefined)}
          onAct={(change) =>
            acts.change({ ids: [...ids], ...change }, () => {
              setAsked(undefined);
              onDone?.();
            })
          }
        />
      )}
    </>
  );
}

/** The act itself, and beside it how else it can be done. */
function Split(props: {
  act: Act;
  icon: React.ReactNode;
  more: string;
  busy: boolean;
  onAct: (change: Act["change"]) => void;
  children: React.ReactNode;
}) {
  const { act, icon, more, busy, onAct } = props;
  return (
    <Button.Group>
      <Button variant="default" leftSection={icon} loading={busy} onClick={() => onAct(act.change)}>
        {act.label}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={6} aria-label={more} title={more}>
            <IconChevronDown size={12} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>{props.children}</Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}

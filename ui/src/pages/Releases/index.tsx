import { Button } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { ReleaseList, ReleaseSummary } from "@/api/types";
import { ListBar, WordFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { Middle } from "@/components/Middle";
import { OpenedPage } from "@/components/Opened";
import { Empty, Loaded, NoneOfThese } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatCount, formatExact, formatShare, plural } from "@/lib/format";
import { beganOf } from "@/model/releases";
import { hasWords } from "@/model/uptime";
import { ErrorsViews } from "@/pages/Errors/ErrorsViews";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { CrashFree } from "./CrashFree";
import { HowTo } from "./HowTo";
import { ReleaseDetail } from "./ReleaseDetail";
import classes from "./Releases.module.css";
import type { ReleasesSearch } from "./url";

const NONE: readonly ReleaseSummary[] = [];
const FILTER_FROM = 8;
const COLUMNS = [
  { label: "Release" },
  { label: "Since", wideOnly: true },
  { label: "Adoption", numeric: true },
  { label: "Crash-free sessions", numeric: true },
  { label: "Crash-free users", numeric: true, wideOnly: true },
  { label: "New issues", numeric: true },
  { label: "Errors", numeric: true, wideOnly: true },
];

/** Releases, the newest first: who runs each in the page's time range, and what broke in it. */
export function Releases() {
  const { filter = "", how } = useSearch({ strict: false }) as ReleasesSearch;
  const change = useSearchChange<ReleasesSearch>();
  const query = useScopedApi<ReleaseList>("releases");
  const all = query.data?.releases ?? NONE;
  const rows = useMemo(
    () => all.filter((one) => hasWords(filter, one.version, one.last_deploy?.environment ?? "", one.ref)),
    [all, filter],
  );
  const opened = useOpened(useMemo(() => rows.map((one) => one.version), [rows]));
  if (how) return <HowTo onDone={() => change({ how: undefined })} />;
  return (
    <OpenedPage
      opened={opened}
      title="Releases"
      heading="Errors"
      actions={
        <Button variant="default" onClick={() => change({ how: "1", open: undefined, full: undefined })}>
          Source maps and deploys
        </Button>
      }
      name={opened.id ?? ""}
      detail={opened.id !== undefined && <ReleaseDetail key={opened.id} version={opened.id} />}
    >
      <ErrorsViews />
      <Loaded
        query={query}
        what="the releases"
        empty={(data) =>
          data.releases.length === 0 && (
            <Empty
              title="No releases yet"
              action={<Button onClick={() => change({ how: "1" })}>Show how to send them</Button>}
            >
              A release is there when sentry-cli makes it, when a deploy is marked, or when a session or an error names
              one.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            {all.length >= FILTER_FROM && (
              <ListBar>
                <WordFilter
                  what="releases"
                  hint="Version or environment"
                  value={filter}
                  onChange={(words) => change({ filter: words }, true)}
                />
              </ListBar>
            )}
            {rows.length === 0 ? (
              <NoneOfThese what="releases" onAll={() => change({ filter: undefined })}>
                None has these words.
              </NoneOfThese>
            ) : (
              <LongTable
                label="Releases"
                what={["release", "releases"]}
                items={rows}
                columns={COLUMNS}
                current={opened.at}
                more={
                  data.total > data.releases.length &&
                  `of ${formatExact(data.total)}: the newest are shown; narrow the time range to see others`
                }
                row={(one) => (
                  <Row
                    key={one.version}
                    release={one}
                    current={one.version === opened.current}
                    onOpen={() => opened.open(one.version)}
                  />
                )}
              />
            )}
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

function Row({ release, current, onOpen }: { release: ReleaseSummary; current: boolean; onOpen: () => void }) {
  const { version, health, last_deploy: deploy, archived, commits, new_issues: fresh, events } = release;
  const { word, time } = beganOf(release);
  const under = [
    deploy?.environment,
    deploy?.service,
    commits > 0 && plural(commits, "commit"),
    archived && "archived",
  ];
  return (
    <tr className={classes.row} data-current={current} onClick={onOpen}>
      <td className={classes.name}>
        <button type="button" className="row-open" title={version}>
          <Middle text={version} />
        </button>
        <p className="row-under truncate soft">{under.filter(Boolean).join(" · ")}</p>
      </td>
      <td className="wide-only soft">
        {word} <RelativeTime time={time} />
      </td>
      <td className="num" title={`${formatExact(health.sessions)} sessions`}>
        <span className={classes.adoption}>
          <i aria-hidden>
            <b style={{ width: `${(health.adoption_sessions ?? 0) * 100}%` }} />
          </i>
          <span>{formatShare(health.adoption_sessions)}</span>
        </span>
      </td>
      <td className="num">
        <CrashFree share={health.crash_free_sessions} of={`${formatExact(health.crashed)} crashed`} />
      </td>
      <td className="num wide-only">
        <CrashFree share={health.crash_free_users} of={`${formatExact(health.crashed_users)} users had a crash`} />
      </td>
      <td className={`num ${fresh > 0 ? "" : "soft"}`}>{formatCount(fresh)}</td>
      <td className={`num wide-only ${events > 0 ? "" : "soft"}`} title={`${formatExact(events)} errors`}>
        {formatCount(events)}
      </td>
    </tr>
  );
}

import { Button, SegmentedControl } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { Navigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { Drawer } from "@/components/Drawer";
import { More } from "@/components/More";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Loaded, LookFurther, Notice, Refused, SkeletonRows } from "@/components/State";
import { GO_MS, isTyping } from "@/components/Shell/useGlobalKeys";
import { formatCount, formatExact, plural } from "@/lib/format";
import { RESOLVE, type Standing, STANDING_WORD, standingCount, STANDINGS } from "@/model/errors/issue";
import { IssueView } from "@/pages/Issue/IssueView";
import { type IssueSearch, SHOWN_ANEW } from "@/pages/Issue/url";
import { useMayEdit } from "@/state/role";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { ErrorsViews } from "./ErrorsViews";
import { Filters } from "./Filters";
import classes from "./Errors.module.css";
import { IssueTable } from "./IssueTable";
import { NoErrors } from "./NoErrors";
import { OverTime } from "./OverTime";
import { PickedBar } from "./PickedBar";
import { type ErrorsSearch, isFiltered, UNFILTERED } from "./url";
import { useActs } from "./useActs";
import { useIssues } from "./useIssues";
import { usePicked } from "./usePicked";

const DRAWER_PIXELS = 860;

/** Issues: what fails, how often, for whom, and who takes care of it. */
export function Errors() {
  const search = useSearch({ strict: false }) as ErrorsSearch;
  const change = useSearchChange<ErrorsSearch>();
  const mayEdit = useMayEdit();
  const acts = useActs();
  const { pages, issues, first } = useIssues(search);
  const ids = useMemo(() => issues.map((one) => one.id), [issues]);
  const opened = useOpened(useMemo(() => ids.map(String), [ids]));
  const picked = usePicked(ids);
  const standing = search.standing ?? "unresolved";
  // Keys walk on to another issue while one is open: it has other events.
  const before = useRef(opened.id);
  useEffect(() => {
    if (before.current !== undefined && opened.id !== undefined && before.current !== opened.id)
      change(SHOWN_ANEW, true);
    before.current = opened.id;
  }, [opened.id, change]);
  useActKeys({
    pick: (withShift) => opened.current !== undefined && picked.toggle(Number(opened.current), withShift),
    resolve: () => {
      const some = picked.ids.length > 0 ? picked.ids : opened.current === undefined ? [] : [Number(opened.current)];
      if (mayEdit && some.length > 0 && !acts.busy) acts.change({ ids: some, ...RESOLVE.change }, picked.none);
    },
  });
  if (opened.full && opened.id !== undefined)
    return <Navigate to="/errors/$id" params={{ id: opened.id } as never} search={shownOf(search) as never} replace />;
  const never = first !== undefined && standingCount(first.counts, "all") === 0;
  return (
    <PageFrame title="Errors">
      <ErrorsViews />
      {never ? (
        <NoErrors />
      ) : (
        <>
          <OverTime by={search.by ?? "type"} onBy={(by) => change({ by: by === "type" ? undefined : by })} />
          <div className={classes.standings}>
            <SegmentedControl
              aria-label="How they stand"
              value={standing}
              onChange={(value) => change({ standing: STANDINGS.find((one) => one === value), ...SHOWN_ANEW })}
              data={STANDINGS.map((one) => ({ value: one, label: standingLabel(one, first?.counts) }))}
            />
          </div>
          <Filters search={search} onChange={(part) => change(part, true)} />
          <Refused error={acts.error} />
          {mayEdit && picked.ids.length > 0 && <PickedBar issues={issues} picked={picked} acts={acts} />}
          {first?.partial && (
            <Notice>
              There are very many issues: those seen last were looked at. Choose a shorter range, or filter.
            </Notice>
          )}
          <Loaded
            query={pages}
            what="the issues"
            skeleton={<SkeletonRows rows={8} height={36} />}
            empty={() => issues.length === 0 && <None search={search} onChange={change} />}
          >
            {() => (
              <>
                <IssueTable
                  issues={issues}
                  current={opened.at}
                  sort={search.sort ?? "last_seen"}
                  picked={mayEdit ? picked : undefined}
                  onSort={(sort) => change({ sort: sort === "last_seen" ? undefined : sort })}
                  onOpen={(id) => change({ open: String(id), ...SHOWN_ANEW })}
                />
                <Listed shown={issues.length} total={first?.total ?? issues.length} pages={pages} />
              </>
            )}
          </Loaded>
        </>
      )}
      {opened.id !== undefined && (
        <Drawer
          key="drawer"
          width={DRAWER_PIXELS}
          title={`Issue ${opened.id}`}
          onClose={() => change({ open: undefined, full: undefined, ...SHOWN_ANEW })}
          actions={
            <Button size="compact-xs" variant="subtle" onClick={opened.fill}>
              Full page
            </Button>
          }
        >
          <IssueView key={opened.id} id={Number(opened.id)} />
        </Drawer>
      )}
    </PageFrame>
  );
}

function standingLabel(standing: Standing, counts: Readonly<Record<string, number>> | undefined): string {
  const count = counts === undefined ? "" : ` ${formatCount(standingCount(counts, standing))}`;
  return STANDING_WORD[standing] + count;
}

/** What the full page goes on with. */
function shownOf({ tab, event, raw, tag }: ErrorsSearch): IssueSearch {
  return { tab, event, raw, tag };
}

type Pages = ReturnType<typeof useIssues>["pages"];

function Listed({ shown, total, pages }: { shown: number; total: number; pages: Pages }) {
  return (
    <div className="row small soft" style={{ marginTop: 8 }} role="status">
      {total > shown ? `${formatExact(shown)} of ${plural(total, "issue")} shown` : plural(total, "issue")}
      <More rows={pages} />
    </div>
  );
}

/** Why there is none. */
function None(props: { search: ErrorsSearch; onChange: (part: ErrorsSearch) => void }) {
  const { search, onChange } = props;
  const elsewhere = search.standing !== undefined && search.standing !== "unresolved";
  return (
    <Empty
      title={isFiltered(search) || elsewhere ? "No issues here" : "No unresolved issue in this time range"}
      action={
        <span className="row">
          <LookFurther />
          {isFiltered(search) && (
            <Button variant="default" onClick={() => onChange(UNFILTERED)}>
              Clear the filters
            </Button>
          )}
          {search.standing !== "all" && (
            <Button variant="default" onClick={() => onChange({ standing: "all" })}>
              Show all issues
            </Button>
          )}
        </span>
      }
    >
      {isFiltered(search)
        ? "None of this standing has what is filtered for in this time range."
        : "Issues are listed that were seen in this time range: choose a longer one, or other environments."}
    </Empty>
  );
}

/** `x` picks the issue that the keys are on, with Shift all up to it; `e` resolves what is picked, or it. */
function useActKeys({ pick, resolve }: { pick: (withShift: boolean) => void; resolve: () => void }): void {
  const goUntil = useRef(0);
  useWindowEvent("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) && !(event.target instanceof HTMLInputElement && event.target.type === "checkbox"))
      return;
    if (document.querySelector("[role=dialog]")) return;
    // `g e` goes somewhere, and resolves nothing.
    const goes = event.timeStamp < goUntil.current;
    goUntil.current = event.key === "g" && !goes ? event.timeStamp + GO_MS : 0;
    if (goes) return;
    if (event.key.toLowerCase() === "x") pick(event.shiftKey);
    else if (event.key === "e") resolve();
    else return;
    event.preventDefault();
  });
}

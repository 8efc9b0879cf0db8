import { Button } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useApi } from "@/api/queries";
import type { RoutingAnswer, RoutingTree } from "@/api/types";
import { ListBar, WordFilter } from "@/components/ListBar";
import { PageFrame, Section } from "@/components/PageFrame";
import { Failure, Loaded, NoneOfThese, SkeletonRows } from "@/components/State";
import { plural } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import { countBelow, foldable, narrowed, OPEN_MAX, onTheWay, type RouteRow, routeRows } from "@/model/routing";
import { useSearchChange } from "@/state/useOpened";
import { AlertsViews } from "../Alerts/AlertsViews";
import { Answer } from "./Answer";
import { NoRoutes } from "./NoRoutes";
import { Question } from "./Question";
import { RouteTree } from "./RouteTree";
import type { RoutingSearch } from "./url";
import { useAsked } from "./useAsked";

/** Mute times begin and end by the minute. */
const EVERY_MS = 30_000;

/** Who is told of what: the tree of routes in force, and where an alert would go in it. */
export function Routing() {
  const { labels, at } = useSearch({ strict: false }) as RoutingSearch;
  const change = useSearchChange<RoutingSearch>();
  const tree = useApi<RoutingTree>("alert-routing", {}, { everyMs: EVERY_MS });
  const { query, asked } = useAsked(labels, at, EVERY_MS);
  const [marked, setMarked] = useState<string>();
  const answer = asked ? query.data : undefined;
  return (
    <PageFrame title="Routing" heading="Alerts">
      <AlertsViews />
      <Loaded query={tree} what="the routes" empty={(data) => data.built_in && <NoRoutes />}>
        {(data) => (
          <>
            <Question
              labels={labels}
              at={at}
              busy={asked && query.isFetching && (query.isPlaceholderData || query.data === undefined)}
              onAsk={(nextLabels, nextAt) => change({ labels: nextLabels, at: nextAt })}
            />
            {asked && query.isError && query.data === undefined && (
              <Failure error={query.error} what="where it would go" retry={() => void query.refetch()} />
            )}
            {asked && query.isPending && <SkeletonRows rows={3} />}
            {answer && (
              <div className={query.isPlaceholderData ? "dimmed" : ""} role="status">
                <Answer answer={answer} timed={at !== undefined} onShow={setMarked} />
              </div>
            )}
            <Tree data={data} answer={answer} marked={marked} onMark={setMarked} />
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Tree(props: {
  data: RoutingTree;
  answer: RoutingAnswer | undefined;
  marked: string | undefined;
  onMark: (id: string) => void;
}) {
  const { data, answer, marked, onMark } = props;
  const { filter = "" } = useSearch({ strict: false }) as RoutingSearch;
  const change = useSearchChange<RoutingSearch>();
  /** By hand: which were closed and which opened. */
  const [folded, setFolded] = useState<ReadonlyMap<string, boolean>>(new Map());
  const total = countBelow(data.root);
  const foldables = useMemo(() => foldable(data.root), [data.root]);
  const shown = useMemo(() => narrowed(data.root, filter), [data.root, filter]);
  const rows = useMemo(() => {
    const way = answer ? onTheWay(answer) : new Set<string>();
    const open = total <= OPEN_MAX || filter.trim() !== "";
    const closed = foldables.filter((id) => folded.get(id) ?? !(open || way.has(id)));
    return shown ? routeRows(shown, new Set(closed)) : [];
  }, [answer, total, filter, foldables, folded, shown]);
  const receivers = useMemo(() => new Map(data.receivers.map((one) => [one.name, one])), [data.receivers]);
  const steps = useMemo(() => answer && new Map(answer.steps.map((one) => [one.route_id, one])), [answer]);
  const fold = (row: RouteRow | undefined, closed: boolean) => {
    if (row && row.below > 0 && row.depth > 0) setFolded((before) => new Map(before).set(row.route.id, closed));
  };
  const foldAll = (closed: boolean) => setFolded(new Map(foldables.map((id) => [id, closed])));
  const move = (at: number) => {
    const row = rows[at];
    if (row) onMark(row.route.id);
  };
  useListKeys({
    count: rows.length,
    current: rows.findIndex((row) => row.route.id === marked),
    onMove: move,
    onOpen: (at) => fold(rows[at], !rows[at]?.closed),
    onFold: (at, closed) => fold(rows[at], closed),
  });
  return (
    <Section
      title="Tree of routes"
      aside={`${plural(total + 1, "route")}, ${plural(data.receivers.length, "receiver")}`}
    >
      <ListBar>
        <WordFilter
          what="routes"
          hint="Matcher, receiver, label or interval"
          value={filter}
          onChange={(words) => change({ filter: words }, true)}
        />
        {foldables.length > 0 && (
          <span className="row">
            <Button variant="default" onClick={() => foldAll(false)}>
              Unfold all
            </Button>
            <Button variant="default" onClick={() => foldAll(true)}>
              Fold all
            </Button>
          </span>
        )}
      </ListBar>
      {rows.length > 0 ? (
        <RouteTree
          rows={rows}
          receivers={receivers}
          steps={steps}
          current={marked}
          onMark={onMark}
          onToggle={(row) => fold(row, !row.closed)}
        />
      ) : (
        <NoneOfThese what="routes" onAll={() => change({ filter: undefined })}>
          None has these words in its matchers, receiver, labels or intervals.
        </NoneOfThese>
      )}
    </Section>
  );
}

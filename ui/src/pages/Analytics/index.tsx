import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ScopeSearch } from "@/app/search";
import { TabViews } from "@/components/AreaViews";
import { Drawer } from "@/components/Drawer";
import { PageFrame } from "@/components/PageFrame";
import { useSearchChange } from "@/state/useOpened";
import { Events } from "./Events";
import { Features } from "./Features";
import { Funnels } from "./Funnels";
import { PersonDetail } from "./PersonDetail";
import { Retention } from "./Retention";
import { Sessions } from "./Sessions";
import { Trends } from "./Trends";
import { type AnalyticsSearch, LABELS, type Tab, TABS } from "./url";

const VIEWS: Record<Tab, () => React.ReactNode> = {
  funnels: Funnels,
  trends: Trends,
  retention: Retention,
  features: Features,
  sessions: Sessions,
  events: Events,
};
/** What people do in a product is looked at over weeks. */
const RANGE = { start: "now-30d", end: "now" };

/** What people do in the product: funnels, trends, who comes back, flags, sessions, and the events themselves. */
export function Analytics() {
  const { tab = "funnels", person, start } = useSearch({ strict: false }) as AnalyticsSearch & ScopeSearch;
  const change = useSearchChange<AnalyticsSearch>();
  useLongRange(start === undefined);
  const View = VIEWS[tab];
  return (
    <PageFrame title={`${LABELS[tab]} · Analytics`} heading="Analytics">
      <TabViews label="Analytics" to="/analytics" tabs={TABS} names={LABELS} current={tab} />
      {start !== undefined && <View key={tab} />}
      {person !== undefined && (
        <Drawer key="drawer" title={person} onClose={() => change({ person: undefined })}>
          <PersonDetail key={person} person={person} />
        </Drawer>
      )}
    </PageFrame>
  );
}

/** Where no range was chosen, the last hour says too little here. */
function useLongRange(unchosen: boolean) {
  const navigate = useNavigate();
  useEffect(() => {
    if (unchosen)
      void navigate({ to: ".", replace: true, search: ((before: object) => ({ ...before, ...RANGE })) as never });
  }, [unchosen, navigate]);
}

import { useSearch } from "@tanstack/react-router";
import { TabViews } from "@/components/AreaViews";
import { Drawer } from "@/components/Drawer";
import { PageFrame } from "@/components/PageFrame";
import { useLongRange } from "@/state/useLongRange";
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

/** What people do in the product: funnels, trends, who comes back, flags, sessions, and the events themselves. */
export function Analytics() {
  const { tab = "funnels", person } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const ranged = useLongRange();
  const View = VIEWS[tab];
  return (
    <PageFrame title={`${LABELS[tab]} · Analytics`} heading="Analytics">
      <TabViews label="Analytics" to="/analytics" tabs={TABS} names={LABELS} current={tab} />
      {ranged && <View key={tab} />}
      {person !== undefined && (
        <Drawer key="drawer" title={person} onClose={() => change({ person: undefined })}>
          <PersonDetail key={person} person={person} />
        </Drawer>
      )}
    </PageFrame>
  );
}

import { useSearch } from "@tanstack/react-router";
import { TabViews } from "@/components/AreaViews";
import { PageFrame } from "@/components/PageFrame";
import { useLongRange } from "@/state/useLongRange";
import { Budgets } from "./Budgets";
import { Invoices } from "./Invoices";
import { Spending } from "./Spending";
import { Storage } from "./Storage";
import { type CostsSearch, LABELS, type Tab, TABS } from "./url";

const VIEWS: Record<Tab, () => React.ReactNode> = {
  spending: Spending,
  budgets: Budgets,
  storage: Storage,
  invoices: Invoices,
};

/** What is spent on what, what will be, what may be, who fills the disk, and what vendors ask for. */
export function Costs() {
  const { tab = "spending" } = useSearch({ strict: false }) as CostsSearch;
  const ranged = useLongRange();
  const View = VIEWS[tab];
  return (
    <PageFrame title={`${LABELS[tab]} · Costs`} heading="Costs">
      <TabViews label="Costs" to="/costs" tabs={TABS} names={LABELS} current={tab} />
      {ranged && <View key={tab} />}
    </PageFrame>
  );
}

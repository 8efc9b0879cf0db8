import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import type { ScopeSearch } from "@/app/search";
import { TabViews } from "@/components/AreaViews";
import { PageFrame } from "@/components/PageFrame";
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
/** Money is looked at over weeks. */
const RANGE = { start: "now-30d", end: "now" };

/** What is spent on what, what will be, what may be, who fills the disk, and what vendors ask for. */
export function Costs() {
  const { tab = "spending", start } = useSearch({ strict: false }) as CostsSearch & ScopeSearch;
  useLongRange(start === undefined);
  const View = VIEWS[tab];
  return (
    <PageFrame title={`${LABELS[tab]} · Costs`} heading="Costs">
      <TabViews label="Costs" to="/costs" tabs={TABS} names={LABELS} current={tab} />
      {start !== undefined && <View key={tab} />}
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

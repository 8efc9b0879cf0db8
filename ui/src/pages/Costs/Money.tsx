import { moneyText } from "@/model/costs";

/** An amount as it reads best; the exact one on hover. */
export function Money({ amount, currency }: { amount: string | null; currency: string }) {
  return <span title={amount === null ? undefined : `${amount} ${currency}`}>{moneyText(amount, currency)}</span>;
}

import { Empty, InForce, Snippet } from "@/components/State";

const PLAN = `on_call:
  people:
    ana: {name: Ana, receiver: ana-phone}
    bo: {name: Bo, receiver: bo-phone}
  schedules:
    primary:
      zone: Europe/Madrid
      layers:
        - people: [ana, bo]
          turn: 7d
          starts: "2026-01-05 09:00"
  escalations:
    page:
      repeat: 2
      steps:
        - schedules: [primary]
        - after: 10m
          people: [bo]`;

export function NoSchedules() {
  return (
    <Empty title="No schedules yet">
      People, turns and what happens when nobody answers are written in the plan&apos;s <code>midwatch.yml</code>; the
      receivers that tell them are those of <code>alertmanager.yml</code>:
      <Snippet code={PLAN} label="the part of the plan" />
      <InForce />
    </Empty>
  );
}

import { useApi } from "@/api/queries";
import type { PlanState } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, Notice, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";

export function Plan() {
  const query = useApi<PlanState>("plan");
  return (
    <Loaded
      query={query}
      what="the plan"
      empty={(data) =>
        data.source === null &&
        data.problems.length === 0 && (
          <Empty title="No plan yet">
            Keep services, environments, privacy and retention as files: start Midwatch with{" "}
            <code>--plan observability/</code>, or put them in force:
            <Snippet code="midwatch apply observability/" label="the command" />
          </Empty>
        )
      }
    >
      {(data) => (
        <>
          {data.problems.map((problem) => (
            <Notice
              key={`${problem.file}:${problem.line}:${problem.column} ${problem.message}`}
              tone={problem.severity === "error" ? "bad" : problem.severity}
            >
              <span className="mono">
                {problem.file}:{problem.line}:{problem.column}
              </span>{" "}
              {problem.message}
            </Notice>
          ))}
          <p className="soft">
            From {data.source ?? "nowhere"}, applied <RelativeTime time={data.applied_at} />
            {data.applied_by && ` by ${data.applied_by}`}.{" "}
            <Go to="/plan" className="among">
              What arrives of it
            </Go>
          </p>
          <Section title="In force">
            <CodeBlock code={JSON.stringify(data.plan, null, 2)} label="the plan" />
          </Section>
        </>
      )}
    </Loaded>
  );
}

import { CodeBlock } from "@/components/CopyId";
import { Empty, HowToSend, LookFurther } from "@/components/State";
import classes from "./Costs.module.css";

const TOLD = `midwatch.instrument(openai)            # calls of language models, by themselves
midwatch.cost("sms", 2, country="DE")  # anything else that is paid by use`;
const PRICED = `prices:
  - kind: sms
    match: {country: DE}
    amount: 0.0875
    currency: EUR`;

/** How costs come here. */
export function NoCosts() {
  return (
    <div className={classes.none}>
      <Empty
        title="No costs in this time range"
        action={
          <span className="row">
            <LookFurther />
            <HowToSend />
          </span>
        }
      >
        Usage comes from the SDK’s <code>cost</code>, from spans of language models, and from what the plan’s{" "}
        <code>usage</code> counts.
      </Empty>
      <h2>In the app</h2>
      <CodeBlock code={TOLD} label="the code for the app" />
      <h2>In midwatch.yml</h2>
      <CodeBlock code={PRICED} label="prices for midwatch.yml" />
      <p className="small soft">Public prices of common language models are built in.</p>
    </div>
  );
}

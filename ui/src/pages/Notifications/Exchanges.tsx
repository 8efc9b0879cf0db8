import type { Exchange } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import fields from "@/components/Fields.module.css";
import { formatExact, plural } from "@/lib/format";
import { readableBody } from "@/model/notifications";
import classes from "./Notifications.module.css";

/** What was asked of a vendor, and what it answered. */
export function Exchanges({ exchanges }: { exchanges: readonly Exchange[] }) {
  return exchanges.map(({ request, answer }, at) => (
    <div key={at} className={classes.exchange}>
      <p className="mono">
        {request.method} {request.url}
      </p>
      <Headers what="of the request" headers={request.headers} />
      <Body label="body of the request" body={request.body} />
      {typeof request.body_characters === "number" && (
        <p className="small soft">The beginning of {formatExact(request.body_characters)} characters is kept.</p>
      )}
      <p>
        {answer === null ? (
          <strong>No answer came</strong>
        ) : (
          <strong>Answer{typeof answer.status === "number" && ` ${answer.status}`}</strong>
        )}
      </p>
      {answer && (
        <>
          <Headers what="of the answer" headers={answer.headers ?? {}} />
          <Body label="body of the answer" body={answer.body ?? ""} />
        </>
      )}
    </div>
  ));
}

function Headers({ what, headers }: { what: string; headers: Record<string, string> }) {
  const names = Object.entries(headers);
  if (names.length === 0) return null;
  return (
    <details className="small">
      <summary className="soft">
        {plural(names.length, "header")} {what}
      </summary>
      <table className={fields.fields}>
        <tbody>
          {names.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="mono">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Body({ label, body }: { label: string; body: string }) {
  if (body === "") return <p className="small soft">Without a body</p>;
  return (
    <div className={classes.body}>
      <CodeBlock code={readableBody(body)} label={label} />
    </div>
  );
}

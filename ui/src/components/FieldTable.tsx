import { Dotted } from "./Dotted";
import fields from "./Fields.module.css";

/** Names and values under a title, in the order in which they come. */
export function FieldTable({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <table className={fields.fields}>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <Dotted name={name} />
              </th>
              <td className="mono">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

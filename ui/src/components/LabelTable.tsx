import { Dotted } from "@/components/Dotted";
import fields from "@/components/Fields.module.css";

/** Names and values, by name. */
export function LabelTable({ title, labels }: { title: string; labels: Record<string, string> }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <table className={fields.fields}>
        <tbody>
          {Object.entries(labels)
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([name, value]) => (
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

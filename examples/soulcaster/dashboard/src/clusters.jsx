import posthog from "posthog-js";
import { useCallback, useEffect, useState } from "react";

const AGAIN_MS = 1000;
const ENDED = ["success", "failed"];

async function asked(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}

export function Clusters() {
  const [clusters, setClusters] = useState([]);
  const [problem, setProblem] = useState("");
  const load = useCallback(
    () => asked("/api/clusters").then(setClusters, (error) => setProblem(error.message)),
    [],
  );
  useEffect(() => void load(), [load]);
  return (
    <main>
      <h1>What people say</h1>
      {problem && <p role="alert">{problem}</p>}
      <ul>
        {clusters.map((cluster) => (
          <Cluster key={cluster.id} cluster={cluster} />
        ))}
      </ul>
    </main>
  );
}

function Cluster({ cluster }) {
  const [job, setJob] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!job || ENDED.includes(job.status)) return undefined;
    const timer = setTimeout(() => asked(`/api/jobs/${job.id}`).then(setJob, (error) => setProblem(error.message)), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [job]);

  async function fix() {
    posthog.capture("generate fix", { cluster_id: cluster.id, items: Number(cluster.items) });
    try {
      const headers = { "x-distinct-id": posthog.get_distinct_id() };
      const started = await asked(`/api/clusters/${cluster.id}/fix`, { method: "POST", headers });
      setJob({ id: started.job_id, status: "pending" });
    } catch (error) {
      setProblem(error.message);
    }
  }

  return (
    <li>
      {/* A post without a title has `title: null`: see the fault `react_crash`. */}
      <b>{cluster.title.slice(0, 60)}</b> · {cluster.items} people{" "}
      <button onClick={fix} disabled={job !== null}>
        Generate fix
      </button>{" "}
      {job && <span className="status">{job.status}</span>}
      {problem && <span role="alert">{problem}</span>}
    </li>
  );
}

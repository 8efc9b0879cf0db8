import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useReadiness } from "@/api/readiness";
import classes from "./Shell.module.css";

/** Above every page while a part of Midwatch is away: what, and what that means for what one sees. */
export function Trouble() {
  const { data, error } = useReadiness();
  const unwell = data?.checks.filter((check) => !check.healthy) ?? [];
  if (!error && unwell.length === 0) return null;
  return (
    <div className={classes.trouble} role="alert">
      <IconAlertTriangle size={16} aria-hidden />
      <div>
        {error ? (
          error.message
        ) : (
          <>
            Midwatch's {unwell.map((check) => `${check.name}: ${check.message}`).join("; ")}.{" "}
            {unwell.some((check) => check.name === "store") &&
              "What is sent is kept and shows up later; what you see may be older. "}
            <Link to="/settings" search={{ tab: "health" }}>
              System health
            </Link>
          </>
        )}
      </div>
    </div>
  );
}

// The dashboard's API: people who register, and what admins do.
import express from "express";
import { core } from "./core.mjs";
import { correlationId } from "./correlation.mjs";
import { handled, Refused } from "./errors.mjs";
import { log } from "./log.mjs";

export const dashboard = express.Router();
dashboard.use(express.json());

/** Who the bearer of a token is: `token=name:role`, by commas. */
const ADMINS = new Map(
  (process.env.ADMIN_TOKENS ?? "").split(",").map((one) => {
    const [token, who] = one.split("=");
    const [name, role] = (who ?? "").split(":");
    return [token, { name, role }];
  }),
);

function admin(request, role) {
  const found = ADMINS.get((request.get("authorization") ?? "").replace("Bearer ", ""));
  if (!found) throw new Refused("dashboard.auth_failed", 401, "sign in first");
  if (role && found.role !== role) throw new Refused("dashboard.auth_failed", 403, `this needs the role ${role}`);
  return found;
}

dashboard.post(
  "/api/admin/session",
  handled("dashboard_auth", "error", (request, response) => response.json(admin(request))),
);

/** An act of an admin: told as a line, handed on with who did it. */
const act = (path, name, role, event = "admin.action") =>
  dashboard.post(
    path,
    handled("admin_action", "error", async (request, response) => {
      const { name: who } = admin(request, role);
      const ids = Object.fromEntries(Object.entries(request.params).map(([key, id]) => [`${key}_id`, id]));
      request.ids = ids;
      log.info({ ...ids, actor: who, action: name }, event);
      const done = await core(`/admin/${name}`, { ...request.body, ...ids, actor: who });
      response.set("x-correlation-id", correlationId()).json(done);
    }),
  );

act("/api/admin/outbound/:job/replay", "replay_outbound", "engineering", "admin.replay_triggered");
act("/api/admin/linkups/:linkup/cancel", "cancel_linkup");
act("/api/admin/linkups/:linkup/complete", "complete_linkup");
act("/api/admin/users/:user/release", "release_hold");
act("/api/admin/incidents/:incident/resolve", "resolve_incident");

for (const step of ["register", "verify"]) {
  dashboard.post(
    `/api/${step}`,
    handled("dashboard_auth", "error", async (request, response) => {
      response.set("x-correlation-id", correlationId()).json(await core(`/profiles/${step}`, request.body));
    }),
  );
}

// Accounts, payments and videos.
import { Router } from "express";
import { randomUUID } from "node:crypto";
import { CodedError } from "./errors.mjs";
import { revenue, signups } from "./metrics.mjs";
import { WAITING, charge, database, redis, stored } from "./stores.mjs";
import { carried } from "./tracing.mjs";

const CREDITS_A_VIDEO = 5;
export const routes = Router();

/** From here on lines and errors are this user's, and this job's. */
function belongs(request, about) {
  request.about = { ...request.about, ...about };
  request.log = request.log.child(about);
}

async function signedIn(request, _response, next) {
  const userId = (request.get("authorization") ?? "").replace("Bearer ", "");
  const found = /^[0-9a-f-]{36}$/.test(userId) && (await database.query("SELECT id FROM profiles WHERE id = $1", [userId]));
  if (!found?.rowCount) throw new CodedError("AUTH_INVALID_TOKEN", 401, "sign in first");
  belongs(request, { userId });
  next();
}

routes.post("/signups", async (request, response) => {
  const { email, method } = request.body;
  if (!["email", "google"].includes(method)) throw new CodedError("AUTH_UNKNOWN_METHOD", 400, "sign up by email or google");
  const id = randomUUID();
  await database.query("INSERT INTO profiles (id, email, method) VALUES ($1, $2, $3)", [id, email, method]);
  belongs(request, { userId: id });
  signups.inc({ method });
  request.log.info({ event: "user.signed_up", method }, "Signed up");
  response.status(201).json({ user_id: id });
});

async function paid(request, type, usd) {
  const answer = await charge({ amount: Math.round(usd * 100), currency: "usd", customer: request.about.userId });
  if (answer.status === 402) throw new CodedError("PAYMENT_DECLINED", 402, "the card was declined");
  if (!answer.ok) throw new CodedError("PAYMENT_UNAVAILABLE", 502, `checkout answers ${answer.status}`);
  revenue.inc({ type }, usd);
  request.log.info({ event: "payment.succeeded", type, usd }, "Paid");
}

routes.post("/purchases", signedIn, async (request, response) => {
  const { usd, credits } = request.body;
  await paid(request, "purchase", usd);
  await database.query("UPDATE profiles SET credits = credits + $2 WHERE id = $1", [request.about.userId, credits]);
  response.status(201).json({ credits });
});

routes.post("/subscriptions", signedIn, async (request, response) => {
  await paid(request, "subscription", request.body.usd);
  const id = randomUUID();
  await database.query("INSERT INTO subscriptions (id, user_id) VALUES ($1, $2)", [id, request.about.userId]);
  response.status(201).json({ subscription_id: id });
});

routes.delete("/subscriptions/:id", signedIn, async (request, response) => {
  const ended = "UPDATE subscriptions SET ended_at = now() WHERE id = $1 AND user_id = $2";
  await database.query(ended, [request.params.id, request.about.userId]);
  response.status(204).end();
});

routes.post("/jobs", signedIn, async (request, response) => {
  const { niche, prompt } = request.body;
  const { userId } = request.about;
  const took = "UPDATE profiles SET credits = credits - $2 WHERE id = $1 AND credits >= $2";
  const { rowCount } = await database.query(took, [userId, CREDITS_A_VIDEO]);
  if (!rowCount) throw new CodedError("PAYMENT_NO_CREDITS", 402, "buy credits first");
  const jobId = randomUUID();
  belongs(request, { jobId, extra: { niche } });
  const job = { id: jobId, user_id: userId, niche, prompt, credits: CREDITS_A_VIDEO };
  const message = { ...job, queued_at: Date.now() / 1000, trace: carried(request.trace) };
  try {
    await redis.multi().hset(`job:${jobId}`, { ...job, status: "PENDING" }).lpush(WAITING, JSON.stringify(message)).exec();
  } catch (error) {
    await database.query("UPDATE profiles SET credits = credits + $2 WHERE id = $1", [userId, CREDITS_A_VIDEO]);
    throw error;
  }
  request.log.info({ event: "job.queued", niche }, "Job queued");
  response.status(202).json({ job_id: jobId });
});

/** The user's own job. */
async function ownJob(request, _response, next) {
  const jobId = request.params.id;
  belongs(request, { jobId });
  const job = await redis.hgetall(`job:${jobId}`);
  if (job.user_id !== request.about.userId) throw new CodedError("PIPELINE_NO_SUCH_JOB", 404, "there is no such job");
  request.job = job;
  next();
}

routes.get("/jobs/:id", signedIn, ownJob, ({ job }, response) => {
  response.json({ job_id: job.id, status: job.status, error: job.error });
});

routes.get("/jobs/:id/video", signedIn, ownJob, async (request, response) => {
  const key = `${request.job.id}.mp4`;
  belongs(request, { extra: { key } });
  if (!(await stored(key))) throw new CodedError("PIPELINE_NO_VIDEO", 404, "the video is not ready");
  response.json({ url: `/storage/videos/${key}` });
});

// What people and admins do, whichever way they ask.
import { context } from "./correlation.mjs";
import { query } from "./database.mjs";
import { AppError, invalid, missing } from "./errors.mjs";
import { limited } from "./redis.mjs";

const TEXT_MAX = 2000;
const MESSAGES_A_WINDOW = 20;
const WINDOW_MS = 10_000;

const SHOWN = `SELECT m.id, m.room_id, m.text, m.created_at,
  CASE WHEN u.id IS NOT NULL THEN json_build_object('id', u.id, 'name', u.name) END AS author
  FROM messages m LEFT JOIN users u ON u.id = m.author_id`;

function text(value, name) {
  if (typeof value !== "string" || !value.trim()) throw invalid(`${name} is missing`);
  if (value.length > TEXT_MAX) throw invalid(`${name} is longer than ${TEXT_MAX}`);
  return value;
}

async function mayWrite(userId) {
  const [user] = await query(
    "user.seen",
    `INSERT INTO users (id, name) VALUES ($1, $1) ON CONFLICT (id) DO UPDATE SET id = $1 RETURNING banned`,
    [text(userId, "x-user-id")],
  );
  if (user.banned) throw new AppError(403, "BANNED", "you may not write here");
}

async function inRoom(room) {
  const [found] = await query("room.get", "SELECT id FROM rooms WHERE id = $1", [room]);
  if (!found) throw missing("room");
}

export const rooms = () => query("room.list", "SELECT id, name, summary FROM rooms ORDER BY id");

export async function messages(room, pattern) {
  if (pattern === undefined) return query("message.list", `${SHOWN} WHERE room_id = $1 ORDER BY m.id DESC LIMIT 50`, [room]);
  // A pattern that is none is PostgreSQL's to find out: see the row of query errors.
  return query("message.search", `${SHOWN} WHERE room_id = $1 AND m.text ~ $2 LIMIT 50`, [room, pattern]);
}

/** The message as the room gets it. */
export async function write(userId, room, said) {
  await limited("messages", userId, MESSAGES_A_WINDOW, WINDOW_MS);
  text(said, "text");
  await inRoom(room);
  await mayWrite(userId);
  await query("member.add", "INSERT INTO members VALUES ($1, $2) ON CONFLICT DO NOTHING", [room, userId]);
  const [message] = await query(
    "message.add",
    `WITH m AS (INSERT INTO messages (room_id, author_id, text) VALUES ($1, $2, $3) RETURNING *)
     ${SHOWN.replace("FROM messages m", "FROM m")}`,
    [room, userId, said],
  );
  return message;
}

/** What another program says has no author. */
export async function announce(room, said) {
  await inRoom(room);
  const [message] = await query(
    "message.announce",
    "INSERT INTO messages (room_id, text) VALUES ($1, $2) RETURNING *",
    [room, text(said, "text")],
  );
  return { ...message, author: null };
}

export const unsay = (room) =>
  query("message.unsay", "DELETE FROM messages WHERE room_id = $1 AND author_id IS NULL", [room]);

export async function react(userId, messageId, emoji) {
  await query("reaction.add", "INSERT INTO reactions VALUES ($1, $2, $3)", [messageId, userId, text(emoji, "emoji")]);
}

export async function openTicket(userId, { title, text: told }) {
  const [ticket] = await query(
    "ticket.add",
    "INSERT INTO tickets (user_id, title, text) VALUES ($1, $2, $3) RETURNING id",
    [text(userId, "x-user-id"), text(title, "title"), text(told, "text")],
  );
  return ticket;
}

export async function ticket(id) {
  const [found] = await query("ticket.get", "SELECT id, title, text FROM tickets WHERE id = $1", [id]);
  if (!found) throw missing("ticket");
  return found;
}

/** What admins do: the statement, and the kind of thing that it is done to. */
const ACTS = {
  "user.ban": ["user", "UPDATE users SET banned = true WHERE id = $1 RETURNING id"],
  "user.delete": ["user", "DELETE FROM users WHERE id = $1 RETURNING id"],
  "room.delete": ["room", "DELETE FROM rooms WHERE id = $1 RETURNING id"],
  "member.remove": ["user", "DELETE FROM members WHERE user_id = $1 RETURNING user_id"],
};

/** Done and written into the audit log, or neither. */
export async function act(actor, action, target, metadata) {
  if (!ACTS[action]) throw invalid(`action is none of ${Object.keys(ACTS).join(", ")}`);
  const [kind, statement] = ACTS[action];
  const done = await query(
    action,
    `WITH done AS (${statement})
     INSERT INTO audit_log (action, actor_id, target_type, target_id, metadata, correlation_id)
     SELECT $2, $3, $4, $1, $5, $6 FROM done LIMIT 1 RETURNING id`,
    [target, action, text(actor, "x-user-id"), kind, metadata, context().correlation_id],
  );
  if (!done.length) throw missing(kind);
}

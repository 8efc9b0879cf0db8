CREATE TABLE users (id text PRIMARY KEY, name text NOT NULL, banned boolean NOT NULL DEFAULT false);
CREATE TABLE rooms (id text PRIMARY KEY, name text NOT NULL, summary text);
CREATE TABLE members (
    room_id text REFERENCES rooms ON DELETE CASCADE,
    user_id text REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (room_id, user_id)
);
CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id text NOT NULL REFERENCES rooms ON DELETE CASCADE,
    author_id text REFERENCES users ON DELETE SET NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX messages_room ON messages (room_id, id DESC);
CREATE TABLE reactions (message_id bigint REFERENCES messages ON DELETE CASCADE, user_id text, emoji text);
CREATE TABLE tickets (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text NOT NULL,
    title text NOT NULL,
    text text NOT NULL
);
-- What admins did; Midwatch reads it (event_sources in the plan).
CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL DEFAULT gen_random_uuid(),
    action text NOT NULL,
    actor_type text NOT NULL DEFAULT 'admin',
    actor_id text NOT NULL,
    target_type text NOT NULL,
    target_id text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    correlation_id text,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rooms (id, name) VALUES ('general', 'General'), ('support', 'Support'), ('random', 'Random');

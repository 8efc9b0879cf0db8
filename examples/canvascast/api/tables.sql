CREATE TABLE profiles (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  method text NOT NULL,
  credits integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE subscriptions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES profiles,
  began_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);

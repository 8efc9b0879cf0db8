-- Whether a field of the event was emptied when its retention class said so: its content is not what the digest is of.
ALTER TABLE event_chain ADD COLUMN IF NOT EXISTS Shortened Bool;

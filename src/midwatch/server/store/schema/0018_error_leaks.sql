-- What was private in errors, their attachments and recordings, which the digest takes out.

ALTER TABLE error_events_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));
ALTER TABLE domain_events_in ADD COLUMN IF NOT EXISTS Leaks Array(Tuple(Found String, Place String, Key String));

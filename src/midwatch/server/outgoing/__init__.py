"""How Midwatch reaches others as the plan says: files of secrets, credentials, TLS."""

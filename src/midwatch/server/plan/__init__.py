"""The plan on the server: which one is in force, how the next one takes its place, and what it changes here."""

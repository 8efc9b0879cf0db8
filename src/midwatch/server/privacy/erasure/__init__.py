"""A person out of everything that is kept: searched, removed, and searched again."""

"""Stand-ins on loopback for what a system talks to: each answers as its vendor documents, and on demand badly."""

"""One file per library; each is imported only when it is asked for."""

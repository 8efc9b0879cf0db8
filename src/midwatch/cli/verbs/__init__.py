"""One file per group of verbs; `midwatch.cli.main` names them."""

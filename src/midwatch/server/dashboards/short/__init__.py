"""Our short form: a dashboard as people write it by hand in YAML. Pure."""

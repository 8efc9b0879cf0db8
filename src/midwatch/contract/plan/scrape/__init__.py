"""What `scrape_configs` may say: Prometheus's own models, as far as they mean something here."""

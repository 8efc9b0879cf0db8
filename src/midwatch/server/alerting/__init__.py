"""From alert to person: Alertmanager's routing, grouping, silencing and timing over a clock that is handed in."""

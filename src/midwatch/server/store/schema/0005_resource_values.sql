-- A search for `key:value` looks into an item's own attributes and into its resource's: both need their index, or neither helps.

ALTER TABLE spans ADD INDEX IF NOT EXISTS resource_values mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE logs ADD INDEX IF NOT EXISTS resource_values mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE spans MATERIALIZE INDEX resource_values;
ALTER TABLE logs MATERIALIZE INDEX resource_values;

-- A segment brings a row a series and table, and what reads series pays for each part: a look-up over 14 parts took 120 ms, over one 20.
-- So series are made one part a minute later, and what is over, samples too, an hour after a day was last written to.
ALTER TABLE metric_series MODIFY SETTING min_age_to_force_merge_seconds = 60;
ALTER TABLE metric_samples MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;
ALTER TABLE metric_histograms MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;
ALTER TABLE metric_exemplars MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;

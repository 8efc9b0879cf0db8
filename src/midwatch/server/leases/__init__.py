"""Who of several servers does what only one may do."""

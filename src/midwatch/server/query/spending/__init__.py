"""What was spent: usage, priced when it is asked for by the prices of its time; forecasts, budgets, units, storage."""

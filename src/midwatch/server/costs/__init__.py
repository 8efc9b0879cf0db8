"""What is done with costs: series of budgets for the watch, invoices and what they differ by."""

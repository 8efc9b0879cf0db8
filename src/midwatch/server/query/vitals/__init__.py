"""What browsers measured: web vitals, sessions and page loads, from log records and spans."""

"""Issues: errors of every source, grouped, followed through their life, and told of."""

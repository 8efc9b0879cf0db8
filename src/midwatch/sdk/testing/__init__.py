"""What a team's own tests see of what its code tells."""

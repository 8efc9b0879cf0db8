"""What is missing in a code base as a whole: rules over all facts."""

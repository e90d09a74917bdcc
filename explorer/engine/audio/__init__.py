"""Sound: where samples come from, and how they wait to be read."""

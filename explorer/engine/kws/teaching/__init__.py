"""Teaching a word: collect a few takes, adapt the last layer, and tell honestly what was won and lost."""

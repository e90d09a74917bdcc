"""Keyword spotting: front end, decisions, scoring and the data they are judged on."""

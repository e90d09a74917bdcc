"""The panels: one concept, one question, one file each."""

"""Networks: one declarative layer graph and everything that derives from it."""

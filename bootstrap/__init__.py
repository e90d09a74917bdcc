"""What start.py uses to set the program up: the standard library only, no part of the installed program."""

"""The subcommands, one file each: `register(subparsers)` declares it, `run(arguments)` does it."""

"""``planb`` and ``python -m experiments``: the command line."""

from experiments.commands.command_line import main

if __name__ == "__main__":
    main()

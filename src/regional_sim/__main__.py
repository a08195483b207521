"""``python -m regional_sim`` is ``regional-sim``."""

from regional_sim.cli.app import main

if __name__ == "__main__":
    main()

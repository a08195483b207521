"""``python -m regional_sim`` is ``regional-sim``."""

from regional_sim.cli.interrupts import end_at_once_when_interrupted


def main() -> None:
    """Run the program; importing it takes long enough to be interrupted."""
    end_at_once_when_interrupted()
    from regional_sim.cli.app import main as program

    program()


if __name__ == "__main__":
    main()

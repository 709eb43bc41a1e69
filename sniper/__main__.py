"""`python -m sniper`."""

from sniper.cli import main

if __name__ == "__main__":
    main()

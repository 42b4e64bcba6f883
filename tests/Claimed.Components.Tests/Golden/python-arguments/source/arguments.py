"""Takes its configuration from an option or the environment."""
import argparse
import os


def configuration() -> str:
    parser = argparse.ArgumentParser()
    # file that says what to do
    parser.add_argument("--config", default=os.environ.get("config"))
    return parser.parse_args().config


if __name__ == "__main__":
    print(configuration())

"""``python -m streams.realtime --config FILE``: the gateway by itself."""

import argparse
import logging
from pathlib import Path

from pydantic import ValidationError

from livecommerce.kernel.errors import Problem
from streams.realtime import config, standalone
from streams.realtime.profiles import PROFILES
from streams.realtime.transports import crowd


def main() -> None:
    """Read the arguments, and serve."""
    parser = argparse.ArgumentParser(prog="python -m streams.realtime", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", type=Path, help="a JSON or TOML file")
    source.add_argument("--profile", choices=sorted(PROFILES), help="for an SDK's own tests")
    parser.add_argument("--redis", metavar="URL", help="a broker for several processes")
    parser.add_argument("--port", type=int, help="instead of the configured one; 0: a free one")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    chosen = _configured(parser, given.config) if given.config else PROFILES[given.profile]
    if given.port is not None:
        server = chosen.http_server.model_copy(update={"port": given.port})
        chosen = chosen.model_copy(update={"http_server": server})
    if given.redis is not None:
        engine = config.Engine(type="redis", redis=config.Redis(address=given.redis))
        chosen = chosen.model_copy(update={"engine": engine})
    try:
        crowd.run(standalone.run(chosen))
    except (Problem, OSError) as error:
        parser.exit(1, f"{error}\n")


def _configured(parser: argparse.ArgumentParser, path: Path) -> config.Config:
    try:
        return config.read(path)
    except ValidationError as error:  # without the values, which may be secrets
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        parser.error("\n  ".join([f"{path} is not a configuration", *wrong]))
    except (OSError, ValueError) as error:
        parser.error(f"{path}: {error}")


if __name__ == "__main__":
    main()

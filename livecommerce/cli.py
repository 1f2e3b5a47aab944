"""The ``livecommerce`` command. What a command needs is imported when it is run."""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from types import ModuleType
from typing import TextIO

from pydantic import ValidationError

from livecommerce.embedded.errors import CannotRun
from livecommerce.kernel.errors import Problem
from livecommerce.settings import Settings

CANNOT = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the number is the process's exit code."""
    args = _parser().parse_args(argv)
    try:
        settings = _settings(args)
        code: int = args.run(settings, args)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False, include_input=False):
            place = "_".join(["LC", *(str(part).upper() for part in error["loc"])])
            said = error["msg"].removeprefix("Value error, ")
            _complain(f"{place}: {said}" if error["loc"] else said)
        return CANNOT
    except (CannotRun, Problem) as error:
        _complain(str(error))
        return CANNOT
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="livecommerce",
        description="Live-broadcast e-commerce: studios, rooms, orders, payments, customs.",
        epilog="Settings are read from the environment (LC_PORT, LC_DATA_DIR, ...).",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which this is")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(
        name: str, run: Callable[[Settings, argparse.Namespace], int], says: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=says, description=says)
        added.set_defaults(run=run, command=name)
        added.add_argument("--data-dir", help="where everything is kept (LC_DATA_DIR)")
        return added

    demo = command("demo", _demo, "the whole business on this machine, with demo data")
    demo.add_argument("--once", action="store_true", help="run the journey, then leave")
    demo.add_argument("--port", type=int, help="the web port (LC_PORT, 8080)")
    serve = command("serve", _serve, "the web process")
    serve.add_argument(
        "--all", action="store_true", help="start what the settings do not name, too"
    )
    serve.add_argument("--port", type=int, help="the web port (LC_PORT, 8080)")
    command("worker", _worker, "the worker process: tells facts, runs jobs")
    command("migrate", _migrate, "bring the database's schema up to date")
    doctor = command("doctor", _doctor, "what is missing on this machine, and how to get it")
    doctor.add_argument("--strict", action="store_true", help="fail if anything is missing")
    return parser


class _Version(argparse.Action):
    """Looks the version up only when asked."""

    def __call__(self, *_args: object) -> None:
        print(version("livecommerce"))
        raise SystemExit(0)


def _settings(args: argparse.Namespace) -> Settings:
    """The environment's settings, with what the command line says instead."""
    said = {
        key: value
        for key in ("port", "data_dir")
        if (value := getattr(args, key, None)) is not None
    }
    if args.command == "demo" and "LC_ENV" not in os.environ:
        said["env"] = "demo"
    return Settings(**said)


def _processes() -> ModuleType:
    """Everything that a process runs. What importing makes stays for good: looking through it
    for garbage meanwhile, and ever after, would find none and cost a third of the start."""
    gc.disable()
    try:
        from livecommerce import processes
    finally:
        gc.enable()
    gc.freeze()
    return processes


def _finish(
    settings: Settings,
    work: Callable[[], Coroutine[None, None, int]],
    log: TextIO | None = None,
) -> int:
    """Do the work of a process, with its log in order."""
    from livecommerce import logs
    from streams.realtime.transports import crowd

    logs.configure(settings.log_format, settings.log_level, to=log)
    return crowd.run(work())


def _demo(settings: Settings, args: argparse.Namespace) -> int:
    processes = _processes()
    if not args.once:
        return _finish(settings, lambda: processes.demo(settings))
    # Who walks the journey wants its steps; what the processes say is for when one fails.
    path = settings.data_dir / "demo.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as log:
        code = _finish(settings, lambda: processes.demo(settings, once=True), log)
    if code:
        _complain(f"what was said meanwhile is in {path}")
    return code


def _serve(settings: Settings, args: argparse.Namespace) -> int:
    processes = _processes()
    return _finish(settings, lambda: processes.serve(settings, everything=args.all))


def _worker(settings: Settings, _args: argparse.Namespace) -> int:
    processes = _processes()
    return _finish(settings, lambda: processes.work(settings))


def _migrate(settings: Settings, _args: argparse.Namespace) -> int:
    from livecommerce import processes

    return _finish(settings, lambda: processes.migrate(settings))


def _doctor(settings: Settings, args: argparse.Namespace) -> int:
    from livecommerce import doctor

    found = asyncio.run(doctor.findings(settings))
    print(doctor.table(found))
    return doctor.exit_code(found, strict=args.strict)


def _complain(said: str) -> None:
    print(f"livecommerce: {said}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""The engine that somebody names on the command line."""

from __future__ import annotations

import argparse

from platekeeper.field.cli.main import Trouble
from platekeeper.field.engines import Engine, Settings, engine
from platekeeper.field.syntaxes import prior_for


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add what says which engine, and how it is set."""
    parser.add_argument(
        "--engine", default="ppocr", help="ppocr (comes with the unit), fast-alpr, or another installed one"
    )
    parser.add_argument("--models", default="", metavar="FOLDER", help="model files, for an engine that brings none")
    parser.add_argument(
        "--jurisdiction", default="US", help="where most plates come from: US, CA, EU, or an issuer as US-NY (US)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="look once only: for a small computer, a little less accurate"
    )
    parser.add_argument("--threads", type=int, default=0, help="processors to use (all)")


def chosen_engine(chosen: argparse.Namespace) -> Engine:
    """Return it, loaded."""
    try:
        settings = Settings(prior_for(chosen.jurisdiction), chosen.models, chosen.threads, chosen.quick)
        return engine(chosen.engine, settings)
    except (LookupError, ValueError, OSError) as error:
        raise Trouble(str(error)) from error

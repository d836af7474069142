"""The one program of every stack: what to make is in its settings."""

import atexit
import os

from components.problems import ArgumentError
from stacks import preflight
from stacks.build import build
from stacks.lines import with_lines
from stacks.load import load, settings_file, where

TOLD = 32
"""The exit code by which the language host knows that the user has been told already."""

try:
    settings = load()
    preflight.run(settings, where())
    build(settings)
except ArgumentError as error:
    # The engine prints the error as it stands. With the exit code 1 that follows, the host would add a second error that says nothing.
    atexit.register(os._exit, TOLD)
    raise with_lines(error, settings_file(), where()) from None

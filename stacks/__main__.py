"""The one program of every stack: what to make is in its settings."""

from stacks import preflight
from stacks.build import build
from stacks.load import load, where

settings = load()
preflight.run(settings, where())
build(settings)

"""The version, alone, so that nothing heavy is loaded to read it."""

__version__ = "0.1.0"

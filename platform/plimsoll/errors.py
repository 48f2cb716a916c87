"""Errors that can be explained to the person in front of the screen."""


class PlimsollError(Exception):
    """Something we can explain: the message says what happened, to what, and what to do."""


class BadSetting(PlimsollError):
    """A setting or argument is wrong; the process stops with one sentence and exit code 2."""


class Unavailable(PlimsollError):
    """A part we depend on (the database) is away; the sender should try again."""


class Overloaded(PlimsollError):
    """There is no room for more now; the sender should try again."""

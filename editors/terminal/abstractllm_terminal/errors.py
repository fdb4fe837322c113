"""What can go wrong; the text of each is a sentence for the user."""


class TerminalError(Exception):
    """Base of all errors that end a command, a turn or the program."""


class Refused(TerminalError):
    """What the user asked for cannot be done as he asked for it."""


class RequestFailed(TerminalError):
    """The server answered a request with an error."""


class TurnFailed(TerminalError):
    """A turn ended with an error; what was said before it is kept."""


class ServerGone(TerminalError):
    """The server could not be started, or ended while it was needed."""

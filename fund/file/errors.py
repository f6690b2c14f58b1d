"""Why the member's file gives no answer."""


class FileUnavailable(RuntimeError):
    """The file's database does not answer."""


class MemberUnknown(LookupError):
    """The file holds no such member."""


class FileBlocked(RuntimeError):
    """Nothing of this file may be shown without an officer: it is blocked, or the member is deceased."""


class FileDisagrees(RuntimeError):
    """The file is at odds with the law or with itself; nothing of it may be shown as right."""

"""Why the member's file gives no answer."""


class FileUnavailable(RuntimeError):  # noqa: N818 (read as a finding, not as a fault)
    """The file's database does not answer."""


class MemberUnknown(LookupError):  # noqa: N818 (read as a finding, not as a fault)
    """The file holds no such member."""


class FileBlocked(RuntimeError):  # noqa: N818 (read as a finding, not as a fault)
    """Nothing of this file may be shown without an officer: it is blocked, or the member is deceased."""


class FileDisagrees(RuntimeError):  # noqa: N818 (read as a finding, not as a fault)
    """The file is at odds with the law or with itself; nothing of it may be shown as right."""

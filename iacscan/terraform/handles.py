"""What a name of a resource or module stands for: an object whose attributes are evaluated when asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iacscan.core import Unknown


class Handle(Unknown):
    """An object that is known attribute by attribute: a resource instance, a module instance.

    To everything that does not look inside it is an exact Unknown that stands for the whole object.
    """

    __slots__ = ("attribute", "whole")

    attribute: Callable[[str], Any]
    whole: Callable[[], Any] | None

    @classmethod
    def over(cls, unknown: Unknown, attribute: Callable[[str], Any], whole: Callable[[], Any] | None = None) -> Handle:
        """A handle that shows ``unknown``; ``whole`` gives the object where all of it can be known."""
        handle = cls(unknown.reason, unknown.references, unknown.exact)
        object.__setattr__(handle, "attribute", attribute)
        object.__setattr__(handle, "whole", whole)
        return handle


class Instances(Unknown):
    """The instances of a block whose number is not known: any index gives ``element``, which stands for all."""

    __slots__ = ("element", "single")

    element: Handle
    single: bool

    @classmethod
    def of(cls, unknown: Unknown, element: Handle, single: bool) -> Instances:
        """Instances that wait for ``unknown``; ``single`` where there is at most one."""
        instances = cls(unknown.reason, unknown.references)
        object.__setattr__(instances, "element", element)
        object.__setattr__(instances, "single", single)
        return instances

    def at(self, key: Any, own: bool) -> Unknown:
        """The instance ``key``; where it is one of several, it is not the one that stands for all of them.

        ``own`` says that the key is that of the block itself: whatever it is, each has its own.
        """
        if self.single or (own and isinstance(key, Unknown)):
            return self.element
        return Unknown(self.reason, self.element.references)


def opened(value: Any) -> Any:
    """A module's outputs as an object; anything else as it is."""
    return value.whole() if isinstance(value, Handle) and value.whole is not None else value

"""Resources of any type for tests of the model."""

from iacscan.core import Reference, Unknown, Value
from iacscan.inputs.configuration import Change, Resource

LATER = Unknown(references=(Reference("terraform_data.late", ("output",)),), exact=True)
"""Written, and known only after apply; an Unknown that waits for nothing is an argument that nobody wrote."""


def reference(address: str, attribute: str = "id") -> Unknown:
    return Unknown(references=(Reference(address, (attribute,)),), exact=True)


def resource(address: str, change: Change | None = Change.CREATED, **values: Value) -> Resource:
    type_, _, name = address.removeprefix("data.").partition(".")
    mode = "data" if address.startswith("data.") else "managed"
    return Resource(address, type_, name, values, mode=mode, declared=frozenset(values), change=change)

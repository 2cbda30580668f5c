"""Run a command in which Terraform sees an argument of AWS provider 6.40, although only 5.100 is installed.

    python scripts/newer_provider.py terraform plan -out=tfplan
    python scripts/newer_provider.py terraform show -json tfplan

Run it where `terraform init` has installed the provider; needs `grpcio`, `protobuf` and `msgpack` in this Python.
Terraform talks to a proxy on a socket (TF_REATTACH_PROVIDERS, as for debugging a provider), and the proxy to the real
provider. It passes on what it does not know, byte for byte, with one difference: the `rule` block of
aws_s3_bucket_server_side_encryption_configuration has `blocked_encryption_types` (list of string, optional and
computed, as in provider 6.40). The real provider never sees that argument: the proxy takes it out of what Terraform
sends and puts it into what the provider answers, by the rules for an optional and computed argument:

- planned: what is written, else what was there before, else unknown
- applied: what was planned, and an empty list where that was unknown
- read again: what the state has

Terraform does the planning. Protocol 5, its messages and what an unknown value is on the wire:
https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import msgpack
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

ADDRESS, VERSION = "registry.terraform.io/hashicorp/aws", "5.100.0"
TYPE = "aws_s3_bucket_server_side_encryption_configuration"
BLOCK = "rule"
ARGUMENT = "blocked_encryption_types"
ARGUMENT_TYPE = b'["list","string"]'
UNKNOWN = msgpack.ExtType(0, b"\0")
SERVICE = "/tfplugin5.Provider/"
HANDSHAKE = {
    "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS": "5",
}
"""Without this the provider says that it is a plugin, and ends."""
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]

FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "Value": {"msgpack": (1, "bytes")},
    "RawState": {"json": (1, "bytes")},
    "Attribute": {"name": (1, "string"), "type": (2, "bytes"), "optional": (5, "bool"), "computed": (6, "bool")},
    "Block": {"attributes": (2, "Attribute*"), "block_types": (3, "NestedBlock*")},
    "NestedBlock": {"type_name": (1, "string"), "block": (2, "Block")},
    "Schema": {"block": (2, "Block")},
    "ResourceSchema": {"key": (1, "string"), "value": (2, "Schema")},
    "Schemas": {"resource_schemas": (2, "ResourceSchema*")},
    "Named": {"type_name": (1, "string")},
    "Config": {"config": (2, "Value")},
    "Stored": {"raw_state": (3, "RawState")},
    "Current": {"current_state": (2, "Value")},
    "Change": {"prior_state": (2, "Value"), "new_state": (3, "Value"), "config": (4, "Value")},
    "Answer": {"state": (1, "Value")},
}
"""The fields that are read or changed here, by message: number and type; `*` is a repeated one.

Protobuf keeps the others as they are, so one message stands for all that have these fields in common.
"""


def message_classes() -> dict[str, Any]:
    """Return the classes of the messages in FIELDS."""
    file = FileDescriptorProto(name="newer_provider.proto", package="p", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            label = Field.LABEL_REPEATED if kind.endswith("*") else Field.LABEL_OPTIONAL
            added = message.field.add(name=field, number=number, label=label)
            if kind.rstrip("*") in FIELDS:
                added.type, added.type_name = Field.TYPE_MESSAGE, f".p.{kind.rstrip('*')}"
            else:
                added.type = getattr(Field, f"TYPE_{kind.upper()}")
    pool = DescriptorPool()
    pool.Add(file)
    return {name: GetMessageClass(pool.FindMessageTypeByName(f"p.{name}")) for name in FIELDS}


MESSAGES = message_classes()
Call = Callable[[bytes], bytes]


def with_argument(answer: bytes) -> bytes:
    """Return the answer of GetSchema with the argument in the schema of its block."""
    schemas = MESSAGES["Schemas"].FromString(answer)
    (schema,) = (item.value for item in schemas.resource_schemas if item.key == TYPE)
    (nested,) = (item.block for item in schema.block.block_types if item.type_name == BLOCK)
    nested.attributes.add(name=ARGUMENT, type=ARGUMENT_TYPE, optional=True, computed=True)
    return bytes(schemas.SerializeToString())


def the_block(resource: Any) -> dict[str, Any] | None:
    """Return the block of a decoded resource, None where there is none yet.

    ValueError where there are several: in a set it could not be told which of the answer is which of the request.
    """
    blocks = resource.get(BLOCK) if isinstance(resource, dict) else None
    if not isinstance(blocks, list) or not blocks:
        return None
    (block,) = blocks
    return block if isinstance(block, dict) else None


def take_out(value: Any) -> Any:
    """Take the argument out of an encoded resource (a Value or RawState); return it, None where it is not written."""
    is_json = value.DESCRIPTOR.name == "RawState"
    resource = json.loads(value.json) if is_json else msgpack.unpackb(value.msgpack)
    block = the_block(resource)
    taken = block.pop(ARGUMENT, None) if block else None
    if is_json:
        value.json = json.dumps(resource).encode()
    else:
        value.msgpack = msgpack.packb(resource)
    return taken


def put_in(answer: bytes, argument: Any) -> bytes:
    """Return an answer of the real provider with the argument in the resource that it holds."""
    message = MESSAGES["Answer"].FromString(answer)
    if not message.state.msgpack:
        return answer
    resource = msgpack.unpackb(message.state.msgpack)
    block = the_block(resource)
    if block is not None:
        block[ARGUMENT] = argument
        message.state.msgpack = msgpack.packb(resource)
    return bytes(message.SerializeToString())


@dataclass(frozen=True, slots=True)
class Method:
    """How one method is passed on: the message of its request, and where the argument of its answer comes from.

    That is the first of the fields ``sources`` that has it, as ``returns`` makes it; no source, no resource in the
    answer.
    """

    request: str
    sources: tuple[str, ...] = ()
    returns: Callable[[Any], Any] = lambda argument: argument

    def answer(self, request: bytes, real: Call) -> bytes:
        """Pass a request on without the argument, and the answer back with it."""
        if MESSAGES["Named"].FromString(request).type_name != TYPE:
            return real(request)
        message = MESSAGES[self.request].FromString(request)
        taken = {field: take_out(getattr(message, field)) for field in FIELDS[self.request] if message.HasField(field)}
        argument = next((taken[field] for field in self.sources if taken.get(field) is not None), None)
        answer = real(message.SerializeToString())
        return put_in(answer, self.returns(argument)) if self.sources else answer


METHODS = {
    "ValidateResourceTypeConfig": Method("Config"),
    "UpgradeResourceState": Method("Stored", ("raw_state",)),
    "ReadResource": Method("Current", ("current_state",)),
    "PlanResourceChange": Method("Change", ("new_state", "prior_state"), lambda it: UNKNOWN if it is None else it),
    "ApplyResourceChange": Method("Change", ("new_state",), lambda it: [] if it == UNKNOWN else it),
}


@dataclass(frozen=True, slots=True)
class Proxy(grpc.GenericRpcHandler):
    """Answers every method of a provider by asking the real one."""

    channel: grpc.Channel

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        """Return the handler of a method, in raw bytes; None for what is not the provider's."""
        path = details.method
        if not path.startswith(SERVICE):
            return None
        name = path.removeprefix(SERVICE)
        real: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(path)

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            try:
                if name == "GetSchema":
                    return with_argument(real(request))
                return METHODS[name].answer(request, real) if name in METHODS else real(request)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details() or "")

        return grpc.unary_unary_rpc_method_handler(answer)


@contextmanager
def real_provider(directory: Path) -> Iterator[str]:
    """Start the provider installed in a directory, yield the address that it says, stop it."""
    binary = next(directory.glob(f".terraform/providers/{ADDRESS}/{VERSION}/*/terraform-provider-aws_*"), None)
    if binary is None:
        raise SystemExit(f"{ADDRESS} {VERSION} is not installed in {directory}: run `terraform init` there")
    process = subprocess.Popen(
        [binary], env=os.environ | HANDSHAKE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        if not said.startswith("1|5|"):
            raise SystemExit(f"{binary}: unexpected handshake {said!r}")
        _, _, network, path, *_ = said.split("|")
        yield f"{network}:{path}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def proxy(address: str) -> Iterator[str]:
    """Serve the proxy for the provider at an address, yield the value of TF_REATTACH_PROVIDERS, stop it."""
    with tempfile.TemporaryDirectory() as directory, grpc.insecure_channel(address, UNLIMITED) as channel:
        socket = f"{directory}/socket"
        server = grpc.server(ThreadPoolExecutor(16), [Proxy(channel)], options=UNLIMITED)
        server.add_insecure_port(f"unix:{socket}")
        server.start()
        try:
            where = {"Network": "unix", "String": socket}
            reattach = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": where}
            yield json.dumps({ADDRESS: reattach})
        finally:
            server.stop(None).wait()


def main(command: Sequence[str]) -> int:
    """Run a command that talks to the proxy; return its exit code."""
    if not command:
        raise SystemExit(__doc__)
    with real_provider(Path.cwd()) as address, proxy(address) as reattach:
        return subprocess.run(command, env=os.environ | {"TF_REATTACH_PROVIDERS": reattach}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

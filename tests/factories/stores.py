"""A real server that speaks S3, on this machine, and buckets in it."""

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

# What every program that speaks S3 is told by its environment.
KEYS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests only",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Store:
    """The server; it can be stopped, and started again at the same address without its objects."""

    def __init__(self) -> None:
        os.environ.update(KEYS)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # one line a request otherwise
        self._port = 0
        self.start()

    def start(self) -> None:
        """Answer at the same port as before."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]

    def stop(self) -> None:
        """Answer no more."""
        self._server.stop()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def bucket(self, name: str = "") -> str:
        """The address of a new, empty bucket, as TRACKER_FILES_URL has it."""
        name = name or f"files-{secrets.token_hex(8)}"
        client = boto3.client("s3", endpoint_url=self.endpoint)
        client.create_bucket(Bucket=name)
        client.close()
        return f"s3://{name}/tracker?endpoint_url={self.endpoint}"


@contextmanager
def served() -> Iterator[Store]:
    """A store for the time of a block."""
    store = Store()
    try:
        yield store
    finally:
        store.stop()

"""A state in an S3 bucket, reached by the URL and the variables that the engine is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from takeover.store import StoreError

ANSWER = 10
"""How long the server has to answer, in seconds, before the same is asked again."""
TRIES = 3
_YES = ("1", "t", "true")


class Bucket:
    """One bucket, or a folder of it."""

    def __init__(self, backend: str) -> None:
        parts = urlsplit(backend)
        self.name = parts.netloc
        below = unquote(parts.path).strip("/")
        self.prefix = f"{below}/" if below else ""
        self.asked = dict(parse_qsl(parts.query))

    def beneath(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Every object under a folder."""
        with self._told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=f"{self.prefix}{folder}/"
            )
            keys = [str(one["Key"]).removeprefix(self.prefix) for page in pages for one in page.get("Contents", [])]
        for key in keys:
            if (content := self.read(key)) is not None:
                yield key, content

    def read(self, key: str) -> bytes | None:
        """One object's content."""
        with self._told():
            try:
                found: bytes = self._client.get_object(Bucket=self.name, Key=self.prefix + key)["Body"].read()
            except self._client.exceptions.NoSuchKey:
                return None
            return found

    def write(self, key: str, content: bytes) -> None:
        """Put an object."""
        with self._told():
            self._client.put_object(Bucket=self.name, Key=self.prefix + key, Body=content, **self._encryption)

    def delete(self, key: str) -> None:
        """Delete an object; where the bucket is versioned its versions stay."""
        with self._told():
            self._client.delete_object(Bucket=self.name, Key=self.prefix + key)

    @cached_property
    def _client(self) -> Any:
        session = boto3.Session(profile_name=self.asked.get("profile"), region_name=self.asked.get("region"))
        return _assumed(session, self.asked.get("role")).client("s3", **settings(self.asked))

    @property
    def _encryption(self) -> dict[str, str]:
        """What a bucket may insist on for whatever is written to it."""
        named = {"ServerSideEncryption": self.asked.get("ssetype"), "SSEKMSKeyId": self.asked.get("kmskeyid")}
        return {key: value for key, value in named.items() if value}

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError, ValueError) as error:
            raise StoreError(f"the state in the bucket {self.name!r} cannot be reached: {error}") from None


def settings(asked: Mapping[str, str]) -> dict[str, Any]:
    """The client's settings for what a backend's URL asks, in the engine's names."""

    def yes(*names: str) -> bool:
        return any(asked.get(name, "").lower() in _YES for name in names)

    plain = yes("disable_https", "disableSSL")
    endpoint = asked.get("endpoint")
    if endpoint and "://" not in endpoint:
        endpoint = f"{'http' if plain else 'https'}://{endpoint}"
    style = "path" if yes("use_path_style", "s3ForcePathStyle") else "auto"
    checksums = {
        name: asked[name] for name in ("request_checksum_calculation", "response_checksum_validation") if name in asked
    }
    config = Config(
        connect_timeout=ANSWER,
        read_timeout=ANSWER,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        s3={"addressing_style": style, "use_accelerate_endpoint": yes("accelerate")},
        use_dualstack_endpoint=yes("dualstack") or None,
        use_fips_endpoint=yes("fips") or None,
        signature_version=botocore.UNSIGNED if yes("anonymous") else None,
        **checksums,
    )
    return {"endpoint_url": endpoint, "use_ssl": not plain, "config": config}


def _assumed(session: Any, role: str | None) -> Any:
    if role is None:
        return session
    given = session.client("sts").assume_role(RoleArn=role, RoleSessionName="ecs-stacks")["Credentials"]
    return boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=session.region_name,
    )

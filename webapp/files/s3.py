"""The bytes in a bucket of S3-compatible storage."""

from __future__ import annotations

import io

import urllib3
from minio import Minio
from minio.error import S3Error

from webapp.settings import Settings

from .stores import Missing, checked


class S3Store:
    """Objects of one bucket. The bucket must be there and must not be public: addresses are authorised by us."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self.client, self.bucket = client, bucket

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Upload whole."""
        self.client.put_object(
            self.bucket, checked(name), io.BytesIO(data), len(data), content_type=media_type
        )

    def get(self, name: str) -> bytes:
        """The bytes; raises :class:`Missing`."""
        try:
            answer = self.client.get_object(self.bucket, checked(name))
        except S3Error as error:
            if error.code == "NoSuchKey":
                raise Missing(name) from error
            raise
        try:
            return bytes(answer.read())
        finally:
            answer.close()
            answer.release_conn()

    def delete(self, name: str) -> None:
        """Forget the object."""
        self.client.remove_object(self.bucket, checked(name))


def connect(settings: Settings) -> S3Store:
    """The bucket that the settings name; nothing is sent before the first use."""
    # A lost storage server must not hold a request for minutes.
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=2, read=20),
        retries=urllib3.Retry(total=2, backoff_factor=0.2),
        maxsize=8,
    )
    client = Minio(
        settings.s3_endpoint,
        access_key=settings.s3_access_key or None,
        secret_key=settings.s3_secret_key or None,
        secure=settings.s3_secure,
        http_client=pool,
        region="us-east-1",
    )
    return S3Store(client, settings.s3_bucket)

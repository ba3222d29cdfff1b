"""The store: tables, queries and migrations. Others hold a connection of it, and never speak SQL themselves."""

from sqlalchemy.exc import SQLAlchemyError as StoreError
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["AsyncConnection", "StoreError"]

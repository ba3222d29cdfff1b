"""How JSON columns are written and read, on every database alike."""

from typing import Any

import orjson

JSON: dict[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
"""What SQLAlchemy's engines take."""

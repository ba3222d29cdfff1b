"""What the store of people asks the database in every turn."""

import sqlalchemy as sa

from bot.store import tables as t
from bot.store.hot import Hot

_TENANT: sa.BindParameter[str] = sa.bindparam("tenant")
_LEAD = t.person.alias("lead_person")
COMPANY = Hot(
    sa.select(
        t.project.c.pack,
        t.project.c.starts_on,
        t.project.c.goes_live_on,
        t.project.c.zone,
        t.project.c.region,
        t.company_function.c.code,
        t.company_function.c.headcount,
        t.company_function.c.lead,
        t.company_function.c.in_scope,
        _LEAD.c.first_name.label("lead_first_name"),
        _LEAD.c.name.label("lead_name"),
    )
    .outerjoin(t.company_function, t.company_function.c.tenant == t.project.c.tenant)
    .outerjoin(
        _LEAD, sa.and_(_LEAD.c.tenant == t.company_function.c.tenant, _LEAD.c.id == t.company_function.c.lead)
    )
    .where(t.project.c.tenant == _TENANT, t.project.c.id == sa.bindparam("id"))
)
_HELD = sa.and_(t.role.c.tenant == t.person.c.tenant, t.role.c.person == t.person.c.id)
_ROLES = (t.role.c.role.label("held"), t.role.c.function.label("held_for"))
"""A row for each role of each person, at least one."""
PERSON = Hot(
    sa.select(t.person, *_ROLES)
    .select_from(t.person.outerjoin(t.role, _HELD))
    .where(t.person.c.tenant == _TENANT, t.person.c.id == sa.bindparam("id"))
)
_LIVES = sa.and_(t.address.c.tenant == t.person.c.tenant, t.address.c.person == t.person.c.id)
MET = Hot(
    sa.select(
        t.person,
        *(t.address.c[name] for name in ("platform", "team", "user", "conversation", "route")),
        *_ROLES,
    )
    .select_from(t.address.join(t.person, _LIVES).outerjoin(t.role, _HELD))
    .where(
        t.address.c.tenant == _TENANT,
        t.address.c.platform == sa.bindparam("platform"),
        t.address.c.team == sa.bindparam("team"),
        t.address.c.user == sa.bindparam("user"),
    )
)
ADDRESS = Hot(
    sa.select(t.address)
    .where(t.address.c.tenant == _TENANT, t.address.c.person == sa.bindparam("person"))
    .order_by(sa.nulls_last(t.address.c.used_at.desc()), t.address.c.platform)
    .limit(1)
)

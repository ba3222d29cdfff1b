"""What people are told when too many write at once, without asking the database anything."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping

from adapters.base import Refused
from dialogs.activity import Activity, Kind, Platform, Reply
from dialogs.text import Locale, Wording, best_locale

MOST_KEPT = 4096


class Locales:
    """The languages of the people who wrote last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Locale] = OrderedDict()

    def keep(self, who: Hashable, locale: Locale) -> None:
        """Remember it; the oldest are forgotten."""
        self._kept[who] = locale
        self._kept.move_to_end(who)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def get(self, who: Hashable) -> Locale | None:
        """The language of somebody who wrote not long ago."""
        return self._kept.get(who)


def one_moment(activity: Activity, ui: Mapping[str, Wording], locale: Locale | None) -> Reply:
    """A kind word for who waits for an answer on the spot; a form stays open with what was typed in it.

    What the platform delivers again by itself is refused with 503, so that it does. locale: the person's, where
    it is known.
    """
    if activity.kind not in {Kind.SUBMIT, Kind.COMMAND} and activity.platform is not Platform.WEB:
        raise Refused(503, "one moment")
    line = ui["one_moment"].say(locale or best_locale(activity.locale_hint))
    values = activity.submission.values if activity.submission is not None else {}
    if values and activity.can_open:
        return Reply(errors={next(iter(values)): line})
    return Reply(toast=line)

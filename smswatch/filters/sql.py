"""A filter to SQL for one list. A term that the list lacks is false there, so its negation is true.

Every value is a bound parameter, and columns that have an index are compared bare, so that it can serve.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from smswatch.filters.condition import Condition, FilterContext, SqlValue
from smswatch.filters.expression import (
    MARKED,
    After,
    Ago,
    All,
    At,
    Before,
    ChannelIn,
    Claim,
    Comparison,
    CountryCodeIn,
    Either,
    ErrorIn,
    Everything,
    Expression,
    Has,
    IdIn,
    Is,
    Latency,
    NetworkCodeIn,
    Not,
    Number,
    NumberRun,
    OutcomeIn,
    Part,
    ProviderIn,
    StatusIn,
    TextHas,
    Word,
)
from smswatch.filters.numbers_sql import contacts_of_number, contacts_of_run, rows_of_number, rows_of_run
from smswatch.filters.phrases import NOTHING, Phrase, any_of, contains, one_of
from smswatch.model import OPEN, Kind, Outcome, Status
from smswatch.numbers import NumberReader

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_WORD_COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.MESSAGES: (
        "messages.number",
        "messages.registered_number",
        "messages.message_id",
        "messages.text",
        "messages.label",
    ),
    Kind.INBOUND: ("inbound.number", "inbound.message_id", "inbound.reply_to", "inbound.body"),
    Kind.REQUESTS: (
        "requests.body",
        "requests.path",
        "requests.query",
        "requests.provider",
        "requests.problem",
    ),
}
_TEXT_COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.MESSAGES: ("messages.text", "messages.label"),
    Kind.INBOUND: ("inbound.body",),
    Kind.REQUESTS: ("requests.body", "requests.query"),
}
_TIME_COLUMN: dict[Kind, str] = {
    Kind.MESSAGES: "messages.first_seen_ms",
    Kind.INBOUND: "inbound.arrived_ms",
    Kind.REQUESTS: "requests.arrived_ms",
}
_FINAL = tuple(status for status in Status if status not in OPEN)
_CLAIMS: dict[tuple[Kind, Claim], str] = {
    **{
        (Kind.MESSAGES, claim): f"instr(messages.flags, '{claim}') > 0"
        for claim in (Claim.CONFLICT, Claim.DUPLICATE, Claim.OUT_OF_ORDER, Claim.AFTER_FINAL)
    },
    (Kind.MESSAGES, Claim.MARKED): "messages.id IN (SELECT message FROM marks)",
    (Kind.MESSAGES, Claim.UNREGISTERED): "messages.registered_number IS NULL",
    (Kind.INBOUND, Claim.DUPLICATE): "inbound.times_received > 1",
    (Kind.REQUESTS, Claim.DUPLICATE): "requests.outcome = 'duplicate'",
}
_PARTS: dict[tuple[Kind, Part], str] = {
    (Kind.MESSAGES, Part.REPLY): (
        "EXISTS (SELECT 1 FROM inbound"
        " WHERE inbound.provider = messages.provider AND inbound.reply_to = messages.message_id)"
    ),
    (Kind.MESSAGES, Part.NUMBER): "messages.number IS NOT NULL",
    (Kind.MESSAGES, Part.TEXT): "messages.text IS NOT NULL",
    (Kind.MESSAGES, Part.LABEL): "messages.label IS NOT NULL",
    (Kind.MESSAGES, Part.ERROR): "(messages.error_code IS NOT NULL OR messages.error_text IS NOT NULL)",
    (Kind.MESSAGES, Part.NETWORK): "messages.mnc IS NOT NULL",
    (Kind.INBOUND, Part.NETWORK): "inbound.mnc IS NOT NULL",
    (Kind.INBOUND, Part.NUMBER): "inbound.number IS NOT NULL",
    (Kind.INBOUND, Part.TEXT): "inbound.body <> ''",
}

# Walks the few providers through their index, then looks the id up under each of them.
_MESSAGES_BY_ID = (
    "messages.id IN (WITH RECURSIVE known(provider) AS (SELECT min(provider) FROM messages UNION ALL"
    " SELECT (SELECT min(provider) FROM messages WHERE provider > known.provider) FROM known"
    " WHERE known.provider IS NOT NULL)"
    " SELECT found.id FROM known CROSS JOIN messages AS found ON found.provider = known.provider AND {})"
)
_LARGEST_ID_DIGITS = 18


def knows_claim(kind: Kind, claim: Claim) -> bool:
    """Tell whether a row of this list can be what the claim says."""
    return (kind, claim) in _CLAIMS or (
        kind is Kind.MESSAGES and claim in {Claim.OPEN, Claim.FINAL, Claim.STUCK}
    )


def knows_part(kind: Kind, part: Part) -> bool:
    """Tell whether a row of this list can have this part."""
    return (kind, part) in _PARTS


def condition(expression: Expression, kind: Kind, context: FilterContext) -> Condition:
    """Return the SQL of a filter for one list. Raises nothing; relative times count from `context.now_ms`."""
    writer = _Writer(kind, context)
    phrase = writer.phrase(expression)
    terms = expression.terms if isinstance(expression, All) else (expression,)
    times = [writer.bounds(term) for term in terms]
    contacts, by_id = writer.rows(terms)
    return Condition(
        phrase.sql,
        phrase.params,
        equal=tuple(dict(filter(None, map(writer.equal, reversed(terms)))).items()),
        since_ms=max((since for since, _ in times if since is not None), default=None),
        until_ms=min((until for _, until in times if until is not None), default=None),
        contacts=contacts,
        by_id=by_id,
    )


def _contact_phrase(term: Expression, context: FilterContext) -> Phrase | None:
    """Return the condition on contacts that is all there is to this term, if it is."""
    if isinstance(term, Number):
        return contacts_of_number(term, NumberReader(context.default_region))
    if isinstance(term, NumberRun) and term.message_id is None:
        return contacts_of_run(term)
    return None


def _has_loose_ends(term: Expression) -> bool:
    """Neither the beginning nor the end of a number is known, or it is about something else."""
    return not isinstance(term, Number) or (term.open_start and term.open_end)


def _params(phrases: Iterable[Phrase]) -> tuple[SqlValue, ...]:
    return tuple(value for phrase in phrases for value in phrase.params)


class _Writer(msgspec.Struct, frozen=True):
    """Writes the SQL of each term for one list."""

    kind: Kind
    context: FilterContext

    def phrase(self, term: Expression) -> Phrase:  # noqa: PLR0911, PLR0912, C901 - one line for each operator
        match term:
            case Everything():
                return Phrase("1")
            case Either(alternatives):
                return self._joined(" OR ", alternatives)
            case All(terms):
                return self._joined(" AND ", terms)
            case Not(inner):
                phrase = self.phrase(inner)
                return Phrase(f"({phrase.sql}) IS NOT TRUE", phrase.params)
            case Word(text):
                return contains(_WORD_COLUMNS[self.kind], text)
            case TextHas(text):
                return contains(_TEXT_COLUMNS[self.kind], text)
            case NumberRun():
                return self._number_run(term)
            case Number():
                if self.kind is Kind.REQUESTS:
                    return NOTHING
                return rows_of_number(self.kind, term, NumberReader(self.context.default_region))
            case ProviderIn(names):
                return one_of(f"{self.kind}.provider", names)
            case IdIn(ids):
                return self._ids(ids)
            case CountryCodeIn(codes):
                return NOTHING if self.kind is Kind.REQUESTS else one_of(f"{self.kind}.mcc", codes)
            case NetworkCodeIn(codes):
                return NOTHING if self.kind is Kind.REQUESTS else one_of(f"{self.kind}.mnc", codes)
            case Is(claim):
                return self._claim(claim)
            case Has(part):
                return Phrase(_PARTS.get((self.kind, part), NOTHING.sql))
            case After(when):
                return Phrase(f"{_TIME_COLUMN[self.kind]} >= ?", (self._milliseconds(when),))
            case Before(when):
                return Phrase(f"{_TIME_COLUMN[self.kind]} < ?", (self._milliseconds(when),))
            case OutcomeIn(outcomes):
                return one_of("requests.outcome", outcomes) if self.kind is Kind.REQUESTS else NOTHING
            case StatusIn() | ChannelIn() | ErrorIn() | Latency():
                return _of_messages(term) if self.kind is Kind.MESSAGES else NOTHING

    def equal(self, term: Expression) -> tuple[str, tuple[str, ...]] | None:  # noqa: PLR0911 - as above
        """Return the column, and the values that it may have, that this term asks for."""
        match term:
            case ProviderIn(names):
                return "provider", names
            case StatusIn(statuses) if self.kind is Kind.MESSAGES:
                return "status", tuple(map(str, statuses))
            case Is(Claim.OPEN | Claim.STUCK) if self.kind is Kind.MESSAGES:
                return "status", tuple(map(str, OPEN))
            case Is(Claim.FINAL) if self.kind is Kind.MESSAGES:
                return "status", tuple(map(str, _FINAL))
            case OutcomeIn(outcomes) if self.kind is Kind.REQUESTS:
                return "outcome", tuple(map(str, outcomes))
            case Is(Claim.DUPLICATE) if self.kind is Kind.REQUESTS:
                return "outcome", (str(Outcome.DUPLICATE),)
            case _:
                return None

    def bounds(self, term: Expression) -> tuple[int | None, int | None]:
        """Return since when, and until when, this term lets rows through."""
        match term:
            case After(when):
                return self._milliseconds(when), None
            case Before(when):
                return None, self._milliseconds(when)
            case Is(Claim.STUCK) if self.kind is Kind.MESSAGES:
                soonest = min(
                    (self.context.stuck_after_ms, *self.context.stuck_after_by_provider_ms.values())
                )
                return None, self.context.now_ms - soonest
            case _:
                return None, None

    def rows(self, terms: Sequence[Expression]) -> tuple[Condition | None, Condition | None]:
        """Return the contacts, and the rows by id, that one of the terms confines every match to."""
        for term in terms:
            if isinstance(term, IdIn) and self.kind is not Kind.INBOUND:
                named = self._ids(term.ids)
                return None, Condition(named.sql, named.params)
            if term == MARKED and self.kind is Kind.MESSAGES:
                return None, Condition(_CLAIMS[self.kind, Claim.MARKED])
        if self.kind is Kind.REQUESTS:
            return None, None
        found = [phrase for term in terms if (phrase := _contact_phrase(term, self.context))]
        if found:
            is_walk = all(map(_has_loose_ends, terms))
            sql = " AND ".join(f"({phrase.sql})" for phrase in found)
            return Condition(sql, _params(found), is_walk=is_walk), None
        for term in terms:
            if isinstance(term, NumberRun) and term.message_id and self.kind is Kind.MESSAGES:
                contacts, ids = contacts_of_run(term), self._ids((term.message_id,))
                number = Condition(contacts.sql, contacts.params, is_walk=True)
                return number, Condition(ids.sql, ids.params)
        return None, None

    def _joined(self, word: str, terms: Sequence[Expression]) -> Phrase:
        phrases = [self.phrase(term) for term in terms]
        return Phrase(word.join(f"({phrase.sql})" for phrase in phrases), _params(phrases))

    def _number_run(self, run: NumberRun) -> Phrase:
        if self.kind is Kind.REQUESTS:  # no column of its own; the raw body is where numbers are
            return contains(_TEXT_COLUMNS[self.kind], run.digits)
        number = rows_of_run(self.kind, run)
        return any_of((number, self._ids((run.message_id,)))) if run.message_id else number

    def _ids(self, ids: Sequence[str]) -> Phrase:
        if self.kind is Kind.MESSAGES:
            found = one_of("found.message_id", ids)
            return Phrase(_MESSAGES_BY_ID.format(found.sql), found.params)
        if self.kind is Kind.INBOUND:
            return one_of("inbound.message_id", ids)
        ours = [int(number) for number in ids if _is_ours(number)]
        return one_of("requests.id", ours) if ours else NOTHING

    def _claim(self, claim: Claim) -> Phrase:
        if self.kind is Kind.MESSAGES:
            if claim in {Claim.OPEN, Claim.FINAL}:
                # By its words and not its rank, so that their index serves.
                return one_of("messages.status", OPEN if claim is Claim.OPEN else _FINAL)
            if claim is Claim.STUCK:
                return self._stuck()
        return Phrase(_CLAIMS.get((self.kind, claim), NOTHING.sql))

    def _stuck(self) -> Phrase:
        is_open = one_of("messages.status", OPEN)
        usual = self.context.now_ms - self.context.stuck_after_ms
        own = [(name, self.context.stuck_before_ms(name)) for name in self.context.stuck_after_by_provider_ms]
        if not own:
            return Phrase(f"{is_open.sql} AND messages.first_seen_ms < ?", (*is_open.params, usual))
        cases = " WHEN ? THEN ?" * len(own)
        return Phrase(
            f"{is_open.sql} AND messages.first_seen_ms < CASE messages.provider{cases} ELSE ? END",
            (*is_open.params, *(value for pair in own for value in pair), usual),
        )

    def _milliseconds(self, when: Ago | At) -> int:
        if isinstance(when, Ago):
            return self.context.now_ms - when.milliseconds
        moment = when.moment
        if moment.tzinfo is None:
            zone = self.context.zone
            moment = moment.astimezone() if zone is None else moment.replace(tzinfo=zone)
        return (moment - _EPOCH) // timedelta(milliseconds=1)


def _of_messages(term: StatusIn | ChannelIn | ErrorIn | Latency) -> Phrase:
    match term:
        case StatusIn(statuses):
            return one_of("messages.status", statuses)
        case ChannelIn(names):
            named = one_of("lower(channels.key)", names)
            every = "SELECT 1 FROM json_each(nullif(messages.channels, '')) AS channels WHERE"
            shown = one_of("lower(messages.channel)", names)
            return any_of((shown, Phrase(f"EXISTS ({every} {named.sql})", named.params)))
        case ErrorIn(errors):
            explained = [
                contains(("messages.error_text",), error) for error in errors if not error.isdecimal()
            ]
            return any_of((one_of("lower(messages.error_code)", errors), *explained))
        case Latency():
            return _latency(term)


def _latency(term: Latency) -> Phrase:
    if term.comparison is Comparison.EQUAL:
        within = (term.milliseconds, term.milliseconds + term.precision)
        return Phrase("messages.latency_ms >= ? AND messages.latency_ms < ?", within)
    return Phrase(f"messages.latency_ms {term.comparison} ?", (term.milliseconds,))


def _is_ours(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) <= _LARGEST_ID_DIGITS
